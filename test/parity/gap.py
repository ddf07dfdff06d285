"""Measures sets of vectors with numpy, scipy and scikit-learn: one JSON case a line on stdin, one JSON answer a line on stdout.

A case is {"prompt": [[...], ...], "inputs": [[...], ...], "directions": [[...], ...], "folds": [...], "layers": [[[...]]]}:
two sets, the unit vectors of sliced Wasserstein, the probe's fold of each row (prompt first), and pairs of layers for CKA.
"""

import json
import sys

import numpy as np
from scipy.linalg import sqrtm
from scipy.spatial.distance import cdist, pdist
from scipy.stats import skew
from sklearn.covariance import LedoitWolf
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, roc_auc_score
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler, normalize


def mmd_squared(p, x):
    width = np.median(pdist(np.vstack([p, x])))

    def kernel(a, b):
        return np.exp(-cdist(a, b, "sqeuclidean") / (2 * width**2))

    pp, xx = kernel(p, p), kernel(x, x)
    n, m = len(p), len(x)
    within = (pp.sum() - np.trace(pp)) / (n * (n - 1)) + (xx.sum() - np.trace(xx)) / (m * (m - 1))
    return within - 2 * kernel(p, x).mean()


def quantile_distance(a, b):
    """W2^2 on a line: quantile functions compared on the grid on which both are constant."""
    n, m = len(a), len(b)
    grid = np.unique(np.concatenate([np.arange(n + 1) * m, np.arange(m + 1) * n]))
    middle = (grid[:-1] + grid[1:]) / 2
    difference = np.sort(a)[(middle / m).astype(int)] - np.sort(b)[(middle / n).astype(int)]
    return float((np.diff(grid) / (n * m) * difference**2).sum())


def frechet(p, x):
    a, b = LedoitWolf().fit(p).covariance_, LedoitWolf().fit(x).covariance_
    shift = p.mean(0) - x.mean(0)
    return shift @ shift + np.trace(a) + np.trace(b) - 2 * np.trace(np.real(sqrtm(a @ b)))


def probe(p, x, folds):
    rows = np.vstack([p, x])
    labels = np.concatenate([np.ones(len(p)), np.zeros(len(x))])
    folds = np.array(folds)
    accuracy, auc = [], []
    for fold in range(folds.max() + 1):
        fit, test = folds != fold, folds == fold
        model = make_pipeline(
            StandardScaler(),
            LogisticRegression(C=1.0, class_weight="balanced", tol=1e-10, max_iter=10000),
        ).fit(rows[fit], labels[fit])
        accuracy.append(balanced_accuracy_score(labels[test], model.predict(rows[test])))
        auc.append(roc_auc_score(labels[test], model.decision_function(rows[test])))
    return float(np.mean(accuracy)), float(np.mean(auc))


def knn_purity(p, x):
    rows = np.vstack([p, x])
    labels = np.concatenate([np.zeros(len(p)), np.ones(len(x))])
    k = min(5, len(p) - 1, len(x) - 1)
    found = NearestNeighbors(n_neighbors=k).fit(rows).kneighbors(return_distance=False)
    same = (labels[found] == labels[:, None]).mean(1)
    return (same[labels == 0].mean() + same[labels == 1].mean()) / 2


def hubness(p, x):
    rows = np.vstack([p, x])
    k = min(10, len(rows) - 2)
    found = NearestNeighbors(n_neighbors=k).fit(rows).kneighbors(return_distance=False)
    return skew(np.bincount(found.ravel(), minlength=len(rows)))


def iso_score(p):
    """Rudman et al. 2022, algorithm 1, step by step."""
    d = p.shape[1]
    principal = PCA(n_components=min(p.shape)).fit_transform(p)
    variances = np.zeros(d)
    variances[: principal.shape[1]] = principal.var(0, ddof=1)
    normalised = np.sqrt(d) * variances / np.linalg.norm(variances)
    defect = np.linalg.norm(normalised - 1) / np.sqrt(2 * (d - np.sqrt(d)))
    share = (d - defect**2 * (d - np.sqrt(d))) ** 2 / d**2
    return (d * share - 1) / (d - 1)


def effective_rank(p):
    singular = np.linalg.svd(p - p.mean(0), compute_uv=False)[: min(len(p) - 1, p.shape[1])]
    shares = singular / singular.sum()
    return np.exp(-(shares * np.log(shares)).sum())


def linear_cka(a, b):
    a, b = a - a.mean(0), b - b.mean(0)
    return np.linalg.norm(a.T @ b) ** 2 / (np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b))


def measure(case):
    p, x = np.array(case["prompt"]), np.array(case["inputs"])
    n = len(p)
    means = p.mean(0), x.mean(0)
    accuracy, auc = probe(p, x, case["folds"])
    own = cosine_similarity(p)
    energy = 2 * cdist(p, x).mean() - cdist(p, p).mean() - cdist(x, x).mean()
    sliced = [quantile_distance(p @ line, x @ line) for line in np.array(case["directions"])]
    return {
        "centroidGap": np.linalg.norm(means[0] - means[1]),
        "centroidGapNormalised": np.linalg.norm(normalize(p).mean(0) - normalize(x).mean(0)),
        "cosineOfCentroids": cosine_similarity(means[0][None], means[1][None])[0, 0],
        "normRatio": np.linalg.norm(p, axis=1).mean() / np.median(np.linalg.norm(x, axis=1)),
        "mmdSquared": mmd_squared(p, x),
        "energyDistance": energy,
        "slicedWasserstein": np.sqrt(np.mean(sliced)),
        "frechetDistance": frechet(p, x),
        "probeAccuracy": accuracy,
        "probeAuc": auc,
        "knnPurity": knn_purity(p, x),
        "nearestTokenCosine": cosine_similarity(p, x).max(1).mean(),
        "anisotropy": (own.sum() - np.trace(own)) / (n * (n - 1)),
        "isoScore": iso_score(p),
        "effectiveRank": effective_rank(p),
        "hubness": hubness(p, x),
    }


for line in sys.stdin:
    case = json.loads(line)
    measures = {name: float(value) for name, value in measure(case).items()}
    cka = float(linear_cka(*(np.array(layer) for layer in case["layers"])))
    print(json.dumps({"measures": measures, "linearCka": cka}))
