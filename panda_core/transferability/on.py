"""ON, the metric of Su et al. (NAACL 2022): how far two prompts activate the same feed-forward neurons.

A neuron is one output between the two layers of a feed-forward block. It is active where its value behind the
activation function is above 0. The similarity is the cosine of the 0/1 vectors of all layers; the authors' second
release takes that of the values themselves. They read the mask position of an otherwise empty input, which in their
code for PLMs like BERT is its first one: that one is read here, for every PLM.
"""

from contextlib import ExitStack

import torch

from panda_core.errors import WorkError
from panda_core.plms.architectures import declared
from panda_core.plms.plm import PLM


@torch.no_grad()
def activated_neurons(plm: PLM, prompt: torch.nn.Module | None) -> torch.Tensor:
    """Which neurons the prompt activates: booleans [L, F], F neurons in each of L layers.

    The PLM reads the prompt and an otherwise empty input, its special tokens alone, and the first of these is looked
    at. Behind GELU, ReLU or SiLU a value has the sign that it had before (or is 0), so that the threshold is put before
    the activation function. Raises a `WorkError` for an architecture that is not known here, or an empty tokenizer.
    """
    architecture = declared(plm.model.config)
    layers = [layer.get_submodule(architecture.activated) for layer in plm.model.get_submodule(architecture.layers)]
    encoded = plm.tokenizer_or_error()("", return_tensors="pt").to(plm.device)
    ids = encoded["input_ids"].long()
    if ids.numel() == 0:
        raise WorkError(f"{plm.name}: its tokenizer puts no special token around an empty text, so ON has no input")
    seen = []
    training = plm.training
    plm.eval()
    if prompt is not None:
        prompt.eval()
    with ExitStack() as stack:
        for layer in layers:
            # The first token stands T from the end, whether or not prompt tokens go before it. OPT joins B and T.
            hook = layer.register_forward_hook(
                lambda module, args, output: seen.append(output.flatten(0, -2)[-ids.shape[1]].cpu() > 0)
            )
            stack.callback(hook.remove)
        plm.encode(ids, torch.ones_like(ids), encoded.get("token_type_ids"), prompt=prompt)
    plm.train(training)
    if len(seen) != len(layers):
        raise WorkError(f"{plm.name}: {len(seen)} of {len(layers)} feed-forward blocks were seen; ON needs all")
    return torch.stack(seen)


def layer_overlap(source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """The overlap of activated neurons [L, F] in each layer, [L]; upper layers separate tasks better than lower ones.

    |A and B| / sqrt(|A| * |B|), the cosine of two 0/1 vectors; 0 where a layer has no active neuron.
    """
    return torch.nn.functional.cosine_similarity(source.double(), target.double(), dim=-1)

