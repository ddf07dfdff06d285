import { parentPort } from 'node:worker_threads';
import { calibrationDraw, type DrawResult, designs } from '../analysis/calibration';

/** One draw: the design's place in the list, and the draw's number. */
export type CalibrationTask = { readonly design: number; readonly index: number };
export type CalibrationAnswer = CalibrationTask & { readonly result: DrawResult };

parentPort?.on('message', (task: CalibrationTask) => {
  const design = designs[task.design];
  if (design === undefined) throw new RangeError(`calibration: no design ${task.design}`);
  parentPort?.postMessage({ ...task, result: calibrationDraw(design, task.index) });
});
