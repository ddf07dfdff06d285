import { ConfigError } from '../errors';

/** What WebGPU says of the device it computes on; `isFallbackAdapter` is true of software such as SwiftShader. */
export type AdapterInfo = {
  readonly vendor: string;
  readonly description: string;
  readonly architecture: string;
  readonly isFallbackAdapter: boolean;
};

type Gpu = { requestAdapter(): Promise<{ readonly info: AdapterInfo } | null> };

/**
 * Gives Node the browser's `navigator.gpu` (Dawn, from the package `webgpu`) and returns the adapter it finds: any
 * vendor's GPU, or software where a Vulkan driver for it is there.
 * @throws ConfigError where there is no adapter.
 */
export async function provideWebGpu(): Promise<AdapterInfo> {
  const { create, globals } = await import('webgpu').catch((cause: unknown) => {
    throw new ConfigError(
      `backend webgpu: the package webgpu has no build for ${process.platform}-${process.arch}`,
      { cause },
    );
  });
  // Node 20 has no navigator, whatever the browser's types say.
  const navigator = globalThis.navigator as { readonly gpu?: Gpu } | undefined;
  const gpu = navigator?.gpu ?? (create([]) as Gpu);
  const adapter = await gpu.requestAdapter();
  if (adapter === null) {
    throw new ConfigError(
      'backend webgpu: no adapter found; install a Vulkan driver for the GPU (its own and the Vulkan loader), or use SPT_BACKEND=tensorflow',
    );
  }
  if (navigator?.gpu === undefined) {
    Object.assign(globalThis, globals);
    // Node 21 and later have a navigator of their own, which assignment can't replace.
    if (navigator === undefined)
      Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
    else Object.defineProperty(navigator, 'gpu', { value: gpu, configurable: true });
  }
  // Dawn's object has getters only, which no copy or JSON would show.
  const { vendor, description, architecture, isFallbackAdapter } = adapter.info;
  return { vendor, description, architecture, isFallbackAdapter };
}
