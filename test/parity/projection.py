"""Quality of maps: one JSON case a line on stdin, one JSON answer a line on stdout.

A case is {"vectors": [[...]], "map": [[...]], "other": [[...]], "k": k, "umap": null or {"neighbours", "minDist", "epochs"}}.
"""

import json
import sys
import warnings

import numpy as np
from scipy.spatial import procrustes
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors

warnings.filterwarnings("ignore")


def neighbours(rows, k):
    return NearestNeighbors(n_neighbors=k).fit(rows).kneighbors(return_distance=False)


for line in sys.stdin:
    case = json.loads(line)
    vectors, shown, other, k = (np.array(case["vectors"]), np.array(case["map"]), np.array(case["other"]), case["k"])
    pairs = zip(neighbours(vectors, k), neighbours(shown, k))
    answer = {
        "trustworthiness": trustworthiness(vectors, shown, n_neighbors=k),
        "continuity": trustworthiness(shown, vectors, n_neighbors=k),
        "neighbourhoodPreservation": float(np.mean([len(np.intersect1d(a, b)) / k for a, b in pairs])),
        "disparity": float(procrustes(shown, other)[2]),
    }
    pca = PCA(n_components=2, svd_solver="full").fit(vectors)
    answer["explained"] = pca.explained_variance_ratio_.tolist()
    answer["pca"] = np.abs(pca.transform(vectors)).tolist()
    if case["umap"] is not None:
        from umap import UMAP

        fitted = UMAP(
            n_neighbors=case["umap"]["neighbours"],
            min_dist=case["umap"]["minDist"],
            n_epochs=case["umap"]["epochs"],
            random_state=0,
        ).fit_transform(vectors)
        answer["umapTrustworthiness"] = trustworthiness(vectors, fitted, n_neighbors=k)
    print(json.dumps(answer))
