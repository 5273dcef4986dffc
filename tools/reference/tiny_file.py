"""What the GGUF files of all tiny models have in common."""

import gguf

import bpe

# ChatML; the importer looks for its markers.
CHAT_TEMPLATE = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n'"
    " + message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}"
)


def add_tokenizer(writer, tokens, merges, pre_tokenizer):
    """The tokenizer of every tiny model."""
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre_tokenizer)
    writer.add_token_list(tokens)
    control, normal = gguf.TokenType.CONTROL, gguf.TokenType.NORMAL
    kinds = [control if token in bpe.CONTROL_TOKENS else normal for token in tokens]
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(bpe.IM_START)
    writer.add_eos_token_id(bpe.IM_END)
    writer.add_pad_token_id(bpe.IM_END)
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)


def finish(writer):
    """Writes the file."""
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
