"""The reference's objectives of a teacher and of a student, with its default settings."""
import torch
from torch.nn import functional as F

TASKS = ["EXPR", "AU", "VA"]
BINS = 20
TEACHER_WEIGHTS = {"EXPR": 1, "AU": 8, "valence": 1, "arousal": 1}
TEMPERATURE, LAMBDA_TEACHER = 1.5, 0.4
EDGES = torch.arange(BINS + 1, dtype=torch.float64) * 0.1 - 1
POINTS = torch.linspace(-1, 1, BINS)


def concordance(x, y):
    dx, dy = x - x.mean(), y - y.mean()
    rho = (dx * dy).sum() / (dx.square().sum().sqrt() * dy.square().sum().sqrt())
    return 2 * rho * x.std() * y.std() / (x.var() + y.var() + (x.mean() - y.mean()).square())


def affect_loss(logits, y):
    """Of valence or of arousal: logits [n, 20], y [n] float32 in -1...1."""
    expected = (logits.softmax(1) * POINTS).sum(1)
    bins = (torch.bucketize(y.double(), EDGES, right=True) - 1).clamp(max=BINS - 1)
    return 1 - concordance(expected, y) + F.cross_entropy(logits, bins)


def label_losses(task, logits, labels):
    """By name of the part, against the ground truth of the batch's own task."""
    if task == "EXPR":
        return {"EXPR": F.cross_entropy(logits, labels)}
    if task == "AU":
        return {"AU": F.binary_cross_entropy_with_logits(logits, labels)}
    return {"valence": affect_loss(logits[:, :BINS], labels[:, 0]),
            "arousal": affect_loss(logits[:, BINS:], labels[:, 1])}


def divergence(student, teacher):
    return F.kl_div((student / TEMPERATURE).log_softmax(1), (teacher / TEMPERATURE).softmax(1), reduction="batchmean")


def distillation_losses(task, student, teacher):
    if task == "EXPR":
        return {"EXPR": divergence(student, teacher)}
    if task == "AU":
        return {"AU": F.binary_cross_entropy_with_logits(student, teacher.sigmoid())}
    return {"valence": divergence(student[:, :BINS], teacher[:, :BINS]),
            "arousal": divergence(student[:, BINS:], teacher[:, BINS:])}


def teacher_objective(logits, labels):
    """logits[task]: of that task's own batch. @returns total, parts"""
    parts = {}
    for task in logits:
        parts.update(label_losses(task, logits[task], labels[task]))
    return sum(TEACHER_WEIGHTS[name] * part for name, part in parts.items()), parts


def student_objective(student, teacher, labels):
    """student, teacher: [task of the batch][output task]. @returns total, parts"""
    parts = {}
    for batch in student:
        for output in student[batch]:
            losses = distillation_losses(output, student[batch][output], teacher[batch][output])
            if output == batch:
                truths = label_losses(output, student[batch][output], labels[batch])
                losses = {name: LAMBDA_TEACHER * one + (1 - LAMBDA_TEACHER) * truths[name]
                          for name, one in losses.items()}
            for name, one in losses.items():
                parts[name] = parts.get(name, 0) + one / len(student)
    return sum(parts.values()), parts
