#!/usr/bin/python3
"""Prints the milliseconds of CPU time of the fastest training step in PyTorch, and the peak memory of the process in MB:
training.py NETWORK BATCH ROUNDS SIZE.

The networks are those of offcut's zoo, where batch normalisation is folded into the convolutions before it. One thread.
"""
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional


def conv(inputs, outputs, kernel, stride=1, groups=1, pad=None, bias=True):
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2 if pad is None else pad, groups=groups, bias=bias)


def lenet5(_):
    return (1, 28, 28), nn.Sequential(
        conv(1, 6, 5), nn.Tanh(), nn.AvgPool2d(2), conv(6, 16, 5, pad=0), nn.Tanh(), nn.AvgPool2d(2), conv(16, 120, 5, pad=0), nn.Tanh(),
        nn.Flatten(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10))


def digits(_):
    layers = []
    for i, (inputs, outputs) in enumerate([(1, 16), (16, 32), (32, 32), (32, 8), (8, 64), (64, 64)], 1):
        layers += [conv(inputs, outputs, 3, 2 if i == 4 else 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]
        layers += [nn.MaxPool2d(2)] if i in (1, 3) else []
    return (1, 28, 28), nn.Sequential(*layers, nn.Flatten(), nn.Linear(1024, 64), nn.ReLU(), nn.Linear(64, 10))


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride, project):
        super().__init__()
        self.first, self.second = conv(inputs, outputs, 3, stride), conv(outputs, outputs, 3)
        self.shortcut = conv(inputs, outputs, 1, stride) if project else nn.Identity()

    def forward(self, x):
        return functional.relu(self.shortcut(x) + self.second(functional.relu(self.first(x), inplace=True)), inplace=True)


def resnet18(size):
    layers, inputs = [conv(3, 64, 7, 2), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)], 64
    for stage, outputs in enumerate((64, 128, 256, 512)):
        for i in range(2):
            layers.append(Block(inputs, outputs, 2 if stage and not i else 1, not i))
            inputs = outputs
    return (3, size, size), nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000))


def mobilenet_v1(size):
    layers, inputs = [conv(3, 32, 3, 2), nn.ReLU(inplace=True)], 32
    for outputs, stride in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)] + 5 * [(512, 1)] + [(1024, 2), (1024, 1)]:
        layers += [conv(inputs, inputs, 3, stride, inputs), nn.ReLU(inplace=True), conv(inputs, outputs, 1), nn.ReLU(inplace=True)]
        inputs = outputs
    return (3, size, size), nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1024, 1000))


def main():
    name, batch, rounds, size = sys.argv[1], *map(int, sys.argv[2:5])
    torch.set_num_threads(1)
    torch.manual_seed(1)
    shape, model = globals()[name.replace("-", "_")](size)
    optimizer = torch.optim.SGD(model.parameters(), 1e-3, momentum=0.9)
    x, labels = torch.rand(batch, *shape), torch.zeros(batch, dtype=torch.int64)
    times = []
    for _ in range(rounds + 2):
        start = time.process_time()
        loss = functional.cross_entropy(model(x), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        times.append(time.process_time() - start)
    print(f"{1000 * min(times[2:]):.3f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6:.0f}")


if __name__ == "__main__":
    main()
