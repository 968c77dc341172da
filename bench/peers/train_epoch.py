"""The PyTorch side of bench/train-epoch.mjs: a teacher's epoch, then a student's, from JPEG files. argv: JSON settings.

settings: list (a JSON file: task -> {paths, labels, weights or null}), batch (images of each task a step), size, steps
(a number, or null for as many as the shortest task has batches), warmUp, threads, workers (of each task's loader),
precision (float32 or bf16: autocast and channels-last), seed.
"""
import json
import multiprocessing
import random
import resource
import sys
import time

import numpy
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset, WeightedRandomSampler

from ferplus_resnet50 import Network
from paper_losses import TASKS, student_objective, teacher_objective

MEAN = torch.tensor([131.0912, 103.8827, 91.4953]).view(3, 1, 1)


class Faces(Dataset):
    """The reference's transform: shorter edge to 1.2 S, a random crop of S, perhaps a flip, x 255 less the mean."""

    def __init__(self, paths, labels, label_type, size):
        self.paths, self.size, self.edge = paths, size, int(1.2 * size)
        self.labels = torch.tensor(labels, dtype=label_type)

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, i):
        image = Image.open(self.paths[i]).convert("RGB")
        (w, h), edge, size = image.size, self.edge, self.size
        if min(w, h) != edge:
            shape = (edge, int(edge * h / w)) if w <= h else (int(edge * w / h), edge)
            image = image.resize(shape, Image.BILINEAR)
        x, y = random.randint(0, image.width - size), random.randint(0, image.height - size)
        image = image.crop((x, y, x + size, y + size))
        if random.random() < 0.5:
            image = image.transpose(Image.FLIP_LEFT_RIGHT)
        pixels = torch.from_numpy(numpy.array(image)).permute(2, 0, 1).contiguous()
        return pixels.float().div(255).mul(255).sub(MEAN), self.labels[i]


def loaders_of(settings):
    with open(settings["list"]) as file:
        listed = json.load(file)
    loaders = {}
    for task in TASKS:
        faces = Faces(listed[task]["paths"], listed[task]["labels"],
                      torch.int64 if task == "EXPR" else torch.float32, settings["size"])
        weights = listed[task]["weights"]
        sampler = None if weights is None else WeightedRandomSampler(weights, len(faces))
        loaders[task] = DataLoader(faces, settings["batch"], shuffle=sampler is None, sampler=sampler,
                                   num_workers=settings["workers"], drop_last=True)
    return loaders


def endless(loaders):
    """Steps: a batch of each task; all loaders start anew when one is at its end."""
    while True:
        for batches in zip(*loaders.values()):
            yield dict(zip(loaders, batches))


def private_bytes(processes):
    """What processes hold beyond what they share with this one."""
    total = 0
    for process in processes:
        with open(f"/proc/{process.pid}/smaps_rollup") as file:
            total += sum(int(line.split()[1]) for line in file if line.startswith("Private_")) * 1024
    return total


class Trainer:
    def __init__(self, settings, loaders):
        self.settings, self.loaders = settings, loaders
        self.bf16 = settings["precision"] == "bf16"

    def network(self):
        network = Network()
        return network.to(memory_format=torch.channels_last) if self.bf16 else network

    def forward(self, network, images):
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bf16):
            logits = network(images)
        return {task: one.float() for task, one in logits.items()}

    def objective(self, network, teacher, batches):
        outputs, soft, labels = {}, {}, {}
        for task, (images, truth) in batches.items():
            if self.bf16:
                images = images.to(memory_format=torch.channels_last)
            labels[task] = truth
            outputs[task] = self.forward(network, images)
            if teacher is not None:
                with torch.no_grad():
                    soft[task] = self.forward(teacher, images)
        if teacher is None:
            return teacher_objective({task: one[task] for task, one in outputs.items()}, labels)
        return student_objective(outputs, soft, labels)

    def train(self, teacher=None):
        """An epoch of a new network. @returns the network and what was measured"""
        network = self.network().train()
        if teacher is not None:
            teacher.eval()
        optimiser = torch.optim.Adam(network.parameters(), lr=1e-4, betas=(0.5, 0.999), foreach=True)
        warm_up = self.settings["warmUp"]
        steps = self.settings["steps"] or min(len(loader) for loader in self.loaders.values())
        batches = endless(self.loaders)
        seconds, waiting, losses = [], [], []
        for _ in range(warm_up + steps):
            start = time.perf_counter()
            batch = next(batches)
            waiting.append(time.perf_counter() - start)
            optimiser.zero_grad(set_to_none=True)
            total, _ = self.objective(network, teacher, batch)
            total.backward()
            optimiser.step()
            losses.append(total.item())
            seconds.append(time.perf_counter() - start)
        worker_bytes = private_bytes(multiprocessing.active_children())
        batches.close()
        return network, {
            "seconds": seconds[warm_up:],
            "waitingSeconds": waiting[warm_up:],
            "firstLoss": losses[0],
            "lastLoss": losses[-1],
            "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "workerBytes": worker_bytes,
        }


def main():
    settings = json.loads(sys.argv[1])
    torch.set_num_threads(settings["threads"])
    torch.manual_seed(settings["seed"])
    random.seed(settings["seed"])
    trainer = Trainer(settings, loaders_of(settings))
    teacher, of_teacher = trainer.train()
    _, of_student = trainer.train(teacher)
    print(json.dumps({
        "engine": "pytorch", "version": torch.__version__, "teacher": of_teacher, "student": of_student}))


main()
