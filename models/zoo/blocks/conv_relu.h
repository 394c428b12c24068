#pragma once

#include "models/zoo/builder.h"

namespace offcut::zoo {

/// A convolution and the ReLU behind it, "<name>_relu".
inline TensorId conv_relu(NetworkBuilder& net, const std::string& name, TensorId x,
                          const NetworkBuilder::Convolution& how) {
  return net.relu(name + "_relu", net.conv(name, x, how));
}

}  // namespace offcut::zoo
