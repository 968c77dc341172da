#include "napi_util.h"
namespace mien { void bindDistributed(napi_env, napi_value) {} }
