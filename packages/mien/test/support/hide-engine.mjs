// For `node --import`: a machine without libtorch. The addon does not load, as where it was never built.

const load = process.dlopen;
process.dlopen = (module, file, ...rest) => {
  if (file.endsWith('mien_torch.node')) throw new Error('hidden by a test');
  return load(module, file, ...rest);
};
