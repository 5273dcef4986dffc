"""Training of generative reward models for grmd: SPCT (arXiv 2504.02495), from data to adapters."""
