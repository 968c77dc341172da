// PyTorch's names in checkpoints, and what they mean without PyTorch.
// Sources: torch/_utils.py, torch/_tensor.py, torch/serialization.py and torch/_weights_only_unpickler.py.
import { DTYPE_BYTES, type DType } from '../dtypes.js';
import { quote } from './error.js';
import { NUMPY_GLOBALS } from './numpy-globals.js';
import {
  describe,
  isTuple,
  type PickleCall,
  PickledGlobal,
  type PickleGlobals,
  type PickleResolver,
} from './pickle-types.js';
import { PYTHON_GLOBALS } from './python-globals.js';
import { LoadedTensor } from './raw-tensor.js';
import { type StorageTable, StorageType } from './storages.js';

const STORAGE_DTYPES: Readonly<Record<string, DType>> = {
  FloatStorage: 'float32',
  DoubleStorage: 'float64',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
  ComplexFloatStorage: 'complex64',
  ComplexDoubleStorage: 'complex128',
  UntypedStorage: 'uint8',
};

/** Every dtype name, also those that have no tensor here: an options dictionary may mention one. */
const DTYPE_NAMES = [
  ...Object.keys(DTYPE_BYTES),
  ...['uint16', 'uint32', 'uint64', 'complex32', 'float8_e4m3fn', 'float8_e5m2'],
];

const REBUILD_PREFIX = 'torch._utils._rebuild_';

const SIZE: PickleResolver = {
  call: ([sizes = Object.freeze([])], call: PickleCall) => {
    if (!isTuple(sizes)) call.fail(`a torch.Size made of ${describe(sizes)}`);
    return sizes;
  },
};

const DEVICE: PickleResolver = {
  call: ([type, index], call: PickleCall) => {
    if (typeof type !== 'string' || type.length > 100) call.fail('a torch.device without a name');
    return typeof index === 'number' ? `${type}:${index}` : type;
  },
};

const LAYOUT: PickleResolver = {
  call: ([name], call: PickleCall) =>
    typeof name === 'string' ? name : call.fail('a torch.layout without a name'),
};

/** A parameter is its tensor: whether it learns is not the checkpoint's business. */
const PARAMETER: PickleResolver = {
  call: ([tensor], call: PickleCall) =>
    tensor instanceof LoadedTensor ? tensor : call.fail(`a parameter made of ${describe(tensor)}`),
};

/** A tensor with attributes or of a subclass: (rebuild function, type, its arguments, attributes). */
const REBUILD_FROM_TYPE: PickleResolver = {
  call: ([rebuild, , args], call: PickleCall) => {
    const known = rebuild instanceof PickledGlobal && rebuild.name.startsWith(REBUILD_PREFIX);
    if (!known || rebuild.resolver.call === undefined || !isTuple(args))
      call.fail('a tensor without a rebuild function');
    return rebuild.resolver.call(args, call);
  },
};

const FIXED: PickleGlobals = new Map<string, PickleResolver>([
  ...PYTHON_GLOBALS,
  ...NUMPY_GLOBALS,
  ...Object.entries(STORAGE_DTYPES).flatMap(([name, dtype]) => storageNames(name, dtype)),
  ...DTYPE_NAMES.map((name): [string, PickleResolver] => [`torch.${name}`, { value: name }]),
  ['torch.storage._UntypedStorage', { value: new StorageType('UntypedStorage', 'uint8') }],
  ['torch.Size', SIZE],
  ['torch.device', DEVICE],
  ['torch.serialization._get_layout', LAYOUT],
  ['torch.Tensor', {}],
  ['torch.nn.parameter.Parameter', PARAMETER],
  ['torch._utils._rebuild_parameter', PARAMETER],
  ['torch._utils._rebuild_parameter_with_state', PARAMETER],
  ['torch._tensor._rebuild_from_type_v2', REBUILD_FROM_TYPE],
]);

/** The names that a checkpoint whose storages go to `storages` may use, `more` included. */
export function torchGlobals(storages: StorageTable, more: PickleGlobals): PickleGlobals {
  const rebuild: PickleResolver = {
    call: ([storage, offset, size, stride, , , metadata], call: PickleCall) => {
      checkMetadata(metadata, call);
      return storages.rebuild(storage, offset, size, stride, call);
    },
  };
  return new Map([
    ...FIXED,
    ...more,
    ['torch._utils._rebuild_tensor', rebuild],
    ['torch._utils._rebuild_tensor_v2', rebuild],
    [
      'torch._utils._rebuild_tensor_v3',
      {
        call: ([storage, offset, size, stride, , , dtype, metadata], call: PickleCall) => {
          checkMetadata(metadata, call);
          if (typeof dtype !== 'string' || !Object.hasOwn(DTYPE_BYTES, dtype)) {
            call.fail(
              `tensors of type ${typeof dtype === 'string' ? quote(dtype) : describe(dtype)} are not supported`,
            );
          }
          return storages.rebuild(storage, offset, size, stride, call, dtype as DType);
        },
      },
    ],
  ]);
}

/** What to do about a name that is refused. */
export function torchRefusalHint(name: string): string {
  if (name === 'torch._utils._rebuild_qtensor' || /^torch\..*Q(U?Int\w+)Storage$/.test(name)) {
    return 'quantised tensors are not supported; save the weights dequantised';
  }
  if (name.startsWith('torch._utils._rebuild_sparse')) {
    return 'sparse tensors are not supported; save tensor.to_dense()';
  }
  return 'files that pickle whole objects, as torch.save(model) does, are not read; save model.state_dict() instead';
}

function storageNames(name: string, dtype: DType): [string, PickleResolver][] {
  const resolver = { value: new StorageType(name, dtype) };
  return ['torch', 'torch.cuda', 'torch.storage'].map((module) => [`${module}.${name}`, resolver]);
}

/** Flags of a lazily conjugated or negated tensor, whose bytes are not its values. */
function checkMetadata(metadata: unknown, call: PickleCall): void {
  if (metadata === undefined || metadata === null) return;
  if (!(metadata instanceof Map)) call.fail(`tensor metadata that is ${describe(metadata)}`);
  for (const flag of ['conj', 'neg']) {
    if (metadata.get(flag) === true)
      call.fail(`a tensor whose "${flag}" is pending; save tensor.resolve_${flag}()`);
  }
}
