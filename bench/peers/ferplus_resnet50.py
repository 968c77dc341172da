"""ResNet-50 as Caffe has it (stride on the first 1x1), with dropout in its last block, and a head for each task."""
import torch
from torch import nn

OUTPUTS = {"EXPR": 7, "AU": 8, "VA": 40}
FEATURES, HIDDEN = 2048, 128


def conv_bn(inputs, outputs, kernel, stride=1, drop=0.0):
    layers = [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs)]
    if drop:
        layers.insert(1, nn.Dropout(drop))
    return nn.Sequential(*layers)


class Bottleneck(nn.Module):
    def __init__(self, inputs, width, stride, projects, drop):
        super().__init__()
        self.reduce = conv_bn(inputs, width, 1, stride)
        self.middle = conv_bn(width, width, 3, drop=drop)
        self.increase = conv_bn(width, width * 4, 1, drop=drop)
        self.project = conv_bn(inputs, width * 4, 1, stride) if projects else None
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        y = self.relu(self.reduce(x))
        y = self.relu(self.middle(y))
        y = self.increase(y)
        y += x if self.project is None else self.project(x)
        return self.relu(y)


def backbone():
    layers = [
        nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True),
        nn.MaxPool2d(3, 2, 0, ceil_mode=True)]
    inputs = 64
    for stage, depth in enumerate([3, 4, 6, 3]):
        width = 64 << stage
        for i in range(depth):
            stride = 2 if i == 0 and stage > 0 else 1
            drop = 0.5 if stage == 3 and i == depth - 1 else 0.0
            layers.append(Bottleneck(inputs, width, stride, i == 0, drop))
            inputs = width * 4
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())


def head(outputs):
    return nn.Sequential(
        nn.BatchNorm1d(FEATURES), nn.Linear(FEATURES, HIDDEN), nn.ReLU(), nn.BatchNorm1d(HIDDEN),
        nn.Linear(HIDDEN, outputs))


class Network(nn.Module):
    """[n, 3, S, S] -> logits by task; VA has 20 of valence, then 20 of arousal."""

    def __init__(self):
        super().__init__()
        self.backbone = backbone()
        self.heads = nn.ModuleDict({task: head(outputs) for task, outputs in OUTPUTS.items()})

    def forward(self, images):
        features = self.backbone(images)
        return {task: layer(features) for task, layer in self.heads.items()}
