export { CheckpointError, ConfigError, DataError, ShapeError, SptError, TrainingError } from './errors';

export { type BackendName, backendInfo, type BackendInfo, tf, useBackend } from './tensor/backend';
export { type Diagnosis, diagnose, diagnosisText } from './tensor/doctor';
export { type Random, random } from './tensor/random';

export {
  type EncodedExample,
  padBatch,
  type Seq2SeqBatch,
  seq2SeqBatch,
  type TokenBatch,
} from './model/batch';
export { initT5, loadT5, saveT5 } from './model/checkpoint';
export { modelShape } from './model/shapes';
export type { T5Config } from './model/config';
export { generate } from './model/decode';
export { type GenerationConfig, generationDefaults } from './model/generationConfig';
export { resolveModel } from './model/hub';
export {
  type Activation,
  type AttentionSite,
  type Intervention,
  type KeyValuePrefix,
  type Site,
  type Tuning,
  untuned,
  type WeightName,
  type WeightsSite,
} from './model/sites';
export { capture, logits, type T5 } from './model/t5';
export { loadTokenizer, type Tokenizer } from './model/tokenizer';

export { methodNamed, methods } from './tuning';
export { adapter, type AdapterConfig } from './tuning/adapter';
export { bitFit, type BitFitConfig } from './tuning/bitFit';
export { compacter, type CompacterConfig } from './tuning/compacter';
export { dept, type DeptConfig } from './tuning/dept';
export { fineTuning, type FineTuningConfig } from './tuning/fineTuning';
export { ia3, type Ia3Config } from './tuning/ia3';
export { lora, type LoraConfig } from './tuning/lora';
export {
  disposeTuning,
  type Folded,
  parameterCount,
  type Params,
  type StackedParams,
  type TuningMethod,
} from './tuning/method';
export { prefixTuning, type PrefixTuningConfig } from './tuning/prefixTuning';
export { initPrompt, medianInputNorm, type PromptInitConfig } from './tuning/promptInit';
export type { PeftSettings } from './tuning/peft/peftFormat';
export { promptTuning, type PromptTuningConfig } from './tuning/promptTuning';
export { residualPromptTuning, type ResidualPromptTuningConfig } from './tuning/residualPromptTuning';
export { scaledPromptTuning, type ScaledPromptTuningConfig } from './tuning/scaledPromptTuning';
export { scalingNamed, scalings } from './tuning/scaling';
export { defineScaling } from './tuning/scaling/defineScaling';
export { foldScaledPrompt } from './tuning/scaling/foldScaledPrompt';
export { matchedLearningRate } from './tuning/scaling/matchedLearningRate';
export type { Scaling, ScalingDefinition } from './tuning/scaling/scaling';
export { unipelt, type UniPeltConfig } from './tuning/unipelt';
export { stackParams, unstackParams } from './tuning/stack';

export { readTask, taskNamed, type TaskName, tasks } from './tasks';
export { devSubset, fewShot, type FewShotDraw } from './tasks/fewShot';
export type { Example, Split, Task } from './tasks/task';

export { metricNamed, type MetricName, metrics } from './metrics';
export { bleu, type BleuConfig, type BleuScore, sentenceBleu } from './metrics/bleu';
export { type BootstrapConfig, bootstrapInterval } from './metrics/bootstrapInterval';
export { chosenMetrics, type MetricChoice } from './metrics/chosenMetrics';
export { type CorpusScore, corpusScore } from './metrics/corpusScore';
export { dartText } from './metrics/dartText';
export { type LabelledScore, labelledScore } from './metrics/labelledScore';
export type { Metric, References } from './metrics/metric';
export { type PairedTest, pairedTest } from './metrics/pairedTests';
export { type Protocol, protocolNamed, type ProtocolName, protocols } from './metrics/protocols';
export { slotErrorRate } from './metrics/slotErrorRate';

export { evaluate, type EvaluateOptions, type Evaluation } from './training/evaluate';
export { type GenerateOptions, generateSorted } from './training/generateSorted';
export {
  type Adapter,
  isFinished,
  loadAdapter,
  type Metric as TrainingMetric,
  readMetrics,
  readRun,
  type RunConfig,
  runFolder,
} from './training/runStore';
export { type TrainConfig, trainConfig, type TrainConfigInput } from './training/trainConfig';
export {
  type RunSpec,
  train,
  type Trained,
  type TrainedRun,
  type TrainEvent,
  type TrainOptions,
  trainPopulation,
} from './training/trainer';

export { type Captured, captureDefaults, captureStates } from './analysis/captureStates';
export { type Correlation, correlation } from './analysis/correlation';
export { type EffectiveChange, effectiveChange, type PromptSnapshot } from './analysis/effectiveChange';
export {
  type EmbeddingGap,
  embeddingGap,
  type GapMeasure,
  gapMeasures,
  type GapOptions,
  type Measured,
} from './analysis/embeddingGap';
export { type EmbeddingQuality, embeddingQuality } from './analysis/embeddingQuality';
export { inputVectors } from './analysis/inputVectors';
export { intervene, interventionName, type PromptIntervention } from './analysis/interventions';
export { linearCka } from './analysis/linearCka';
export { nearestTokens } from './analysis/nearestTokens';
export { principalComponents } from './analysis/principalComponents';
export { procrustesDisparity } from './analysis/procrustes';
export {
  type Projection,
  projection,
  type ProjectionConfig,
  projectionDefaults,
} from './analysis/projection';
export { type PromptSet, promptSets } from './analysis/promptSets';
export { type PromptVectors, promptVectors } from './analysis/promptVectors';
export { norms, type Vectors } from './analysis/vectors';

export { encodeExamples, encodeText } from './experiments/encodeText';
export { evaluateRuns, runContext, type StoredRun, storedRuns } from './experiments/evaluateRuns';
export { exportPeft } from './experiments/exportPeft';
export { type FewShotConfig, fewShotConfig } from './experiments/fewShotConfig';
export { fewShotConfigs, type NamedConfig } from './experiments/fewShotRuns';
export {
  type CauseFinding,
  causeFindingRule,
  causeFindings,
  type CompanyFinding,
  companyFindings,
  type GapChange,
  gapFinding,
  type GapFinding,
  gapFindingRule,
} from './experiments/gapFinding';
export { gapOfRun, type RunGap, runGapDefaults } from './experiments/gapOfRun';
export {
  type GapRecord,
  type GapSet,
  gapSets,
  type HeadRecord,
  type InterventionRecord,
  type NormRecord,
  type TrajectoryRecord,
} from './experiments/gapRecords';
export {
  gapStudy,
  type GapStudy,
  gapStudyPlan,
  type GapStudyPlan,
  gapStudyPlans,
} from './experiments/gapStudy';
export { type Generated, generateTexts } from './experiments/generateTexts';
export {
  interventionCurve,
  type InterventionPoint,
  standardInterventions,
} from './experiments/interventionCurve';
export { type ImportContext, importPeft } from './experiments/importPeft';
export { type LoadedTuning, loadTuning } from './experiments/loadTuning';
export { miniRunSettings, type MiniRunSettings, storedMiniRuns, trainMiniRuns } from './experiments/miniRuns';
export {
  type MapPoint,
  projectRun,
  type ProjectOptions,
  type RunProjection,
  type SiteMap,
} from './experiments/projectRun';
export { type RivalName, rivalControls } from './experiments/rivalControls';
export {
  areTrained,
  drawFewShot,
  drawFewShots,
  type FewShotData,
  type FewShotExperiment,
  isTrained,
  trainFewShot,
  trainFewShots,
} from './experiments/trainFewShot';

export { display, updatableDisplay } from './figures/display';
export type { Figure, FigureSource } from './figures/figure';
export { gapBeforeAfterFigure, type GapBeforeAfterNumbers } from './figures/gapBeforeAfterFigure';
export { gapFigures } from './figures/gapFigures';
export { gapRows, type GapRow } from './figures/gapRows';
export { headHeatMapFigure, type HeadHeatMapNumbers } from './figures/headHeatMapFigure';
export { interventionFigure, type InterventionNumbers } from './figures/interventionFigure';
export { jupyterInterrupt } from './figures/jupyterInterrupt';
export { layerHeatMapFigure, type LayerHeatMapNumbers } from './figures/layerHeatMapFigure';
export { layerLinesFigure, type LayerLinesNumbers } from './figures/layerLinesFigure';
export { methodMark, type MethodMark } from './figures/methodMarks';
export { methodScores, type MethodScores, type RunScore } from './figures/methodScores';
export { normHistogramFigure, type NormHistogramNumbers, type NormSet } from './figures/normHistogramFigure';
export { type PlotlyFigure, plotlyFigure } from './figures/plotlyFigure';
export { type DrawnMap, projectionFigure, type ProjectionNumbers } from './figures/projectionFigure';
export { quickstartFigure, type QuickstartNumbers } from './figures/quickstartFigure';
export { type ScoreRow, scoreRows } from './figures/scoreRows';
export { showFigure } from './figures/showFigure';
export { showTable, table } from './figures/table';
export { colours } from './figures/theme';
export { trainingProgress } from './figures/trainingProgress';
export { trajectoryFigure, type TrajectoryNumbers } from './figures/trajectoryFigure';
export { type FigureFiles, writeFigure } from './figures/writeFigure';
