/** The one TensorFlow whose C API every platform gets; its headers and libraries do not depend on the Python version. */
export const tensorflowVersion = '2.18.1';

const tensorflowCpu = {
  requirement: `tensorflow-cpu==${tensorflowVersion}`,
  sha256: '810c75d7149d2da0cb2092187817b0dcabb80728ca9f9cf3a61f3f42fadd1298',
};

/** @param {string} sha256 */
const tensorflow = (sha256) => ({ requirement: `tensorflow==${tensorflowVersion}`, sha256 });

/** What the wheel's extra `and-cuda` names. */
const cuda = [
  ['nvidia-cublas-cu12==12.5.3.2', 'ca070ad70e9fa6654084575d01bd001f30cc4665e33d4bb9fc8e0f321caa034b'],
  ['nvidia-cuda-cupti-cu12==12.5.82', 'bde77a5feb66752ec61db2adfe47f56b941842825b4c7e2068aff27c9d107953'],
  ['nvidia-cuda-nvcc-cu12==12.5.82', 'b03e545b8e8c3ce7ebcd7fc44063180ff52ff01d064ece2127ed90a04ef12cd0'],
  ['nvidia-cuda-nvrtc-cu12==12.5.82', '3dbd97b0104b4bfbc3c4f8c79cd2496307c89c43c29a9f83125f1d76296ff3fd'],
  ['nvidia-cuda-runtime-cu12==12.5.82', '3e79a060e126df40fd3a068f3f787eb000fa51b251ec6cd97d09579632687115'],
  ['nvidia-cudnn-cu12==9.3.0.75', '9ad9c6929ebb5295eb4a1728024666d1c88283373e265a0c5c883e6f9d5cd76d'],
  ['nvidia-cufft-cu12==11.2.3.61', '9a6e8df162585750f61983a638104a48c756aa13f9f48e19ab079b38e3c828b8'],
  ['nvidia-curand-cu12==10.3.6.82', '2823fb27de4e44dbb22394a6adf53aa6e1b013aca0f8c22867d1cfae58405536'],
  ['nvidia-cusolver-cu12==11.6.3.83', '93cfafacde4428b71778eeb092ec615a02a3d05404da1bcf91c53e3fa1bce42b'],
  ['nvidia-cusparse-cu12==12.5.1.3', '016df8e993c437e8301e62739f01775cba988fd5253cd4c64173f8e8d2f8e752'],
  ['nvidia-nccl-cu12==2.21.5', '8579076d30a8c24988834445f8d633c697d42397e92ffc3f63fa26766d25e0a0'],
  ['nvidia-nvjitlink-cu12==12.5.82', 'f9b37bc5c8cf7509665cb6ada5aaa0ce65618f2332b7d3e78e9790511f111212'],
].map(([requirement = '', sha256 = '']) => ({ requirement, sha256 }));

const byPlatform = {
  'linux-x64-cpu': [tensorflowCpu],
  'linux-x64-gpu': [tensorflow('c9f87e5d2a680a4595f5dc30daf6bbaec9d4129b46d7ef1b2af63c46ac7d2828'), ...cuda],
  'linux-arm64-cpu': [tensorflow('8a6485edd2148f70d011dbd1d8dc2c775e91774a5a159466e83d0d1f21580944')],
  'darwin-arm64-cpu': [tensorflow('661029cd769b311db910b79a3a6ef50a5a61ecc947172228c777a49989722508')],
};

/**
 * A wheel on the package index, by exact version and by the SHA-256 that the file must have.
 * @typedef {{ readonly requirement: string, readonly sha256: string }} Wheel
 */

/**
 * The wheels that carry libtensorflow for a platform; null where there is none.
 * @param {string} platform as process.platform
 * @param {string} arch as process.arch
 * @param {'cpu' | 'gpu'} device
 * @returns {readonly Wheel[] | null}
 */
export function chooseWheels(platform, arch, device) {
  const key = `${platform}-${arch}-${device}`;
  return Object.hasOwn(byPlatform, key) ? byPlatform[/** @type {keyof typeof byPlatform} */ (key)] : null;
}
