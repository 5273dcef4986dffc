"""The peer: GRPO of the same model by TRL as it comes, one step whenever the measurement asks for one.

A program of its own: `peer.py SPECIFICATION`. It says "ready" in a line of JSON, takes a step for each
line on its input, and answers with what the step was. Sampling is transformers' own, all judgments of
a step in one batch with its cache, and the step is on one batch too.
"""

import json
import re
import sys
import time
from pathlib import Path

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from transformers.utils import logging
from trl import GRPOConfig, GRPOTrainer

MIDDLE = 5.5
answers = sys.stdout


def tell(**values):
    print(json.dumps(values), file=answers, flush=True)


class Paced(TrainerCallback):
    """Each step waits until it is asked for, and tells how long it took and what it sampled."""

    def __init__(self, sampled):
        self.sampled, self.begun = sampled, 0.0

    def on_step_begin(self, *_, **__):
        tell(ready=True)
        if not sys.stdin.readline():
            sys.exit(0)
        self.sampled.clear()
        self.begun = time.monotonic()

    def on_step_end(self, *_, **__):
        seconds = time.monotonic() - self.begun
        tell(seconds=seconds, generated=sum(self.sampled), judgments=len(self.sampled))


def reward_of(text, label):
    """+1 if the last boxed score is on the label's side of the middle, else -1."""
    scores = re.findall(r"\\boxed\{\s*(\d+)", text)
    if not scores or float(scores[-1]) == MIDDLE:
        return -1.0
    return 1.0 if (float(scores[-1]) > MIDDLE) == bool(label) else -1.0


def configuration(given, folder):
    """The peer's settings: one batch to sample and to learn from, and nothing that costs time."""
    batch = given["prompts"] * given["group"]
    return GRPOConfig(
        output_dir=str(folder), use_cpu=True, bf16=False, fp16=False, seed=1,
        per_device_train_batch_size=batch, gradient_accumulation_steps=1,
        num_generations=given["group"], steps_per_generation=1, num_iterations=1,
        max_completion_length=given["tokens"], temperature=given["temperature"], top_p=1.0, top_k=0,
        beta=given["kl"], epsilon=given["clip"], learning_rate=given["rate"],
        lr_scheduler_type="constant", max_steps=given["steps"], shuffle_dataset=False,
        gradient_checkpointing=False, disable_dropout=True, logging_steps=1000, report_to=[],
        save_strategy="no", disable_tqdm=True, dataloader_pin_memory=False)


def texts(tokenizer, rows):
    """The prompts as text, which is how TRL takes them; it makes the same tokens of them again."""
    found = [tokenizer.decode(row["tokens"], clean_up_tokenization_spaces=False) for row in rows]
    for text, row in zip(found, rows):
        tokens = tokenizer(text)["input_ids"]
        if tokens != row["tokens"]:
            sys.exit(f"a prompt: expected {len(row['tokens'])} tokens as grmd has them, found "
                     f"{len(tokens)} or others")
    return found


def unpacked(path):
    """The model of a GGUF file in f32, as one that transformers takes for trainable."""
    read = AutoModelForCausalLM.from_pretrained(str(path.parent), gguf_file=path.name,
                                                dtype=torch.float32)
    if hasattr(read.config, "quantization_config"):
        del read.config.quantization_config
    model = AutoModelForCausalLM.from_config(read.config, dtype=torch.float32)
    model.load_state_dict(read.state_dict())
    return model


def main():
    global answers
    given = json.loads(Path(sys.argv[1]).read_text())
    # Whatever the libraries print goes to the error stream; answers have the output to themselves.
    answers, sys.stdout = sys.stdout, sys.stderr
    logging.disable_progress_bar()
    torch.set_num_threads(given["threads"])
    path = Path(given["model"])
    tokenizer = AutoTokenizer.from_pretrained(str(path.parent), gguf_file=path.name)
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    model = unpacked(path)
    sampled = []

    def reward(completions, completion_ids, label, **_):
        sampled.extend(len(ids) for ids in completion_ids)
        return [reward_of(text, each) for text, each in zip(completions, label)]

    trainer = GRPOTrainer(
        model=model, reward_funcs=reward, processing_class=tokenizer,
        args=configuration(given, Path(sys.argv[1]).parent / "peer"),
        train_dataset=Dataset.from_list([
            {"prompt": text, "label": row["label"]}
            for text, row in zip(texts(tokenizer, given["rows"]), given["rows"])]),
        peft_config=LoraConfig(task_type="CAUSAL_LM", r=given["rank"], lora_alpha=given["alpha"],
                               lora_dropout=0.0, target_modules=given["modules"]),
        callbacks=[Paced(sampled)])
    trainer.train()


if __name__ == "__main__":
    main()
