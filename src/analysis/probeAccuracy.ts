import { probeMeasure } from './probe';

/**
 * Balanced accuracy of a linear probe that tells prompt from inputs: logistic regression (L2, C = 1, classes weighed
 * alike) on standardised features, 5-fold cross-validated by unit; 0.5 = no linear gap. p comes of one split into halves.
 * Undefined where a set has fewer than 2 units.
 * Reference: Alain and Bengio 2016 (arXiv 1610.01644).
 */
export const probeAccuracy = probeMeasure(({ accuracy }) => accuracy);
