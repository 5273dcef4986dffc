/* The logits of llama.cpp after the last token of each prompt.
 *
 *   peer_logits MODEL THREADS IN OUT
 *
 * IN: one prompt a line, token ids in decimal with blanks between. OUT: one row of f32 a prompt. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "llama.h"

enum { TOKENS_MAX = 8192 };

static void fail(const char *what) {
    fprintf(stderr, "peer_logits: %s\n", what);
    exit(1);
}

static void only_errors(enum ggml_log_level level, const char *text, void *unused) {
    (void)unused;
    if (level == GGML_LOG_LEVEL_ERROR) fputs(text, stderr);
}

static int read_line(char *line, llama_token *tokens) {
    int count = 0;
    for (char *word = strtok(line, " \n"); word != NULL; word = strtok(NULL, " \n")) {
        if (count == TOKENS_MAX) fail("a prompt of more than 8192 tokens");
        tokens[count++] = (llama_token)atoi(word);
    }
    return count;
}

int main(int count, char **arguments) {
    if (count != 5) fail("expected MODEL THREADS IN OUT");
    llama_log_set(only_errors, NULL);
    llama_backend_init();
    struct llama_model *model =
        llama_model_load_from_file(arguments[1], llama_model_default_params());
    if (model == NULL) fail("the model cannot be loaded");
    struct llama_context_params options = llama_context_default_params();
    options.n_ctx = TOKENS_MAX;
    options.n_batch = TOKENS_MAX;
    options.n_threads = options.n_threads_batch = atoi(arguments[2]);
    struct llama_context *context = llama_init_from_model(model, options);
    FILE *in = fopen(arguments[3], "r"), *out = fopen(arguments[4], "wb");
    if (context == NULL || in == NULL || out == NULL) fail("no context, input or output");
    size_t width = (size_t)llama_vocab_n_tokens(llama_model_get_vocab(model));
    char *line = NULL;
    size_t room = 0;
    static llama_token tokens[TOKENS_MAX];
    while (getline(&line, &room, in) > 0) {
        int length = read_line(line, tokens);
        llama_memory_clear(llama_get_memory(context), true);
        if (llama_decode(context, llama_batch_get_one(tokens, length)) != 0) fail("decode");
        const float *logits = llama_get_logits_ith(context, -1);
        if (logits == NULL || fwrite(logits, sizeof *logits, width, out) != width) fail("output");
    }
    free(line);
    if (fclose(in) != 0 || fclose(out) != 0) fail("output");
    llama_free(context);
    llama_model_free(model);
    return 0;
}
