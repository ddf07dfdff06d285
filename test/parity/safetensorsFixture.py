"""Writes test/fixtures/t5/dtypes.safetensors: the same numbers in several dtypes, rounded and widened by PyTorch.

python test/parity/safetensorsFixture.py FILE
"""

import sys

import torch
from safetensors.torch import save_file

generator = torch.Generator().manual_seed(0)


def numbers(largest: float) -> torch.Tensor:
    """Every order of magnitude up to `largest`, both signs, subnormals, halves between two neighbours, infinities."""
    exponents = torch.arange(-149, 128).float()
    spread = torch.exp2(exponents) * (1 + torch.rand(len(exponents), generator=generator))
    ties = torch.tensor([1 + k * 2.0**-n for n in (8, 9, 11, 12) for k in (1, 3, 5, 7)])
    small_ties = torch.tensor([k * 2.0**-25 for k in range(1, 12)])
    magnitudes = torch.cat([spread, ties, small_ties])
    magnitudes = magnitudes[magnitudes < largest]
    return torch.cat([magnitudes, -magnitudes, torch.tensor([0.0, -0.0, float("inf"), -float("inf")])])


tensors = {}
for name, dtype, largest in (("F16", torch.float16, 65504.0), ("BF16", torch.bfloat16, 3.38e38)):
    source = numbers(largest)
    tensors[f"{name}.source"] = source
    tensors[name] = source.to(dtype)
    tensors[f"{name}.widened"] = source.to(dtype).float()
    tensors[f"{name}.nan"] = torch.tensor([float("nan")], dtype=dtype)
tensors["F64"] = torch.tensor([[0.1, -1e-40], [1e30, 3.0]], dtype=torch.float64)
tensors["F64.narrowed"] = tensors["F64"].float()
tensors["I64"] = torch.tensor([1, 2, 3])
tensors["scalar"] = torch.tensor(2.5)
tensors["empty"] = torch.zeros(0, 3)
save_file(tensors, sys.argv[1], metadata={"format": "pt", "note": "Größe ü"})
