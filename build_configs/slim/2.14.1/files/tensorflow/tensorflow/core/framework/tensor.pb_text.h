#pragma once

#include "tensorflow/core/framework/tensor.pb.h"
