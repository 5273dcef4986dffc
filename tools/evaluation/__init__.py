"""How good a judge is: preference data, requests to a running grmd, and figures with intervals."""
