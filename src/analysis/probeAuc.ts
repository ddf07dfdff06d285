import { probeMeasure } from './probe';

/** Area under the ROC curve of the same cross-validated probe as `probeAccuracy`, mean over folds; 0.5 = no linear gap. */
export const probeAuc = probeMeasure(({ auc }) => auc);
