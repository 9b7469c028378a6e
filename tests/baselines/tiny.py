"""A BERT of a few thousand random weights, with its own words, made without network."""

import string

TEXTS = [
    ("the ship sank off the coast", "the ship did not sink"),
    ("ten people died in the fire", "twelve people died in the fire on monday"),
    ("rain", "no rain fell"),
    ("the minister met the envoy in the capital on the last day of the long summit", "they never met"),
    ("the bridge was closed", "the bridge was open and the road was open too"),
]
WORDS = sorted({word for texts in TEXTS for text in texts for word in text.split()})


def save(folder, id2label=None, outputs=3, head=True, seed=0):
    """Save model and tokenizer as the hub has them; the folder's name."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertModel, BertTokenizerFast

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *string.ascii_lowercase]
    words += ["##" + letter for letter in string.ascii_lowercase]
    folder.mkdir(exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(words))
    settings = {"id2label": id2label} if id2label else {"num_labels": outputs}
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.5,
        **settings,
    )
    with torch.random.fork_rng([]):
        torch.manual_seed(seed)
        network = (BertForSequenceClassification if head else BertModel)(config)
    network.save_pretrained(folder)
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    return str(folder)
