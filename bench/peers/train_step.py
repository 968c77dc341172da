"""The PyTorch side of bench/train-step.mjs: the same network, the same step. argv: JSON settings."""
import json
import resource
import sys
import time

import torch
from torch import nn


class Bottleneck(nn.Module):
    def __init__(self, inputs, width, stride):
        super().__init__()
        outputs = width * 4
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = self.relu(self.bn1(self.conv1(x)))
        y = self.relu(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        y += x if self.downsample is None else self.downsample(x)
        return self.relu(y)


class ResNet50(nn.Module):
    def __init__(self, outputs):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.relu = nn.ReLU(inplace=True)
        self.pool = nn.MaxPool2d(3, 2, 1)
        inputs, layers = 64, []
        for stage, depth in enumerate([3, 4, 6, 3]):
            width, blocks = 64 << stage, []
            for i in range(depth):
                blocks.append(Bottleneck(inputs, width, 2 if i == 0 and stage > 0 else 1))
                inputs = width * 4
            layers.append(nn.Sequential(*blocks))
        self.layers = nn.Sequential(*layers)
        self.fc = nn.Linear(inputs, outputs)

    def forward(self, x):
        return self.fc(self.layers(self.pool(self.relu(self.bn1(self.conv1(x))))).mean([2, 3]))


def main():
    settings = json.loads(sys.argv[1])
    batch, size, bf16 = settings["batch"], settings["size"], settings["precision"] == "bf16"
    torch.set_num_threads(settings["threads"])
    torch.manual_seed(0)
    device = torch.device(settings["device"])
    net = ResNet50(30).to(device)
    images = torch.randn(batch, 3, size, size, device=device)
    if bf16:
        net = net.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    labels = torch.randint(0, 30, (batch,), device=device)
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-4, betas=(0.5, 0.999), foreach=True)
    seconds = []
    for _ in range(settings["warmUp"] + settings["steps"]):
        start = time.perf_counter()
        optimiser.zero_grad(set_to_none=True)
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=bf16):
            loss = nn.functional.cross_entropy(net(images), labels)
        loss.backward()
        optimiser.step()
        loss.item()
        seconds.append(time.perf_counter() - start)
    print(json.dumps({
        "engine": "pytorch",
        "version": torch.__version__,
        "loss": loss.item(),
        "seconds": seconds[settings["warmUp"]:],
        "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }))


main()
