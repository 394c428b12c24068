#pragma once

#include "models/zoo/builder.h"

namespace offcut::zoo {

/// Adds a convolution and the ReLU after it, "<name>_relu".
inline TensorId conv_relu(NetworkBuilder& net, const std::string& name, TensorId x,
                          const NetworkBuilder::Convolution& convolution) {
  return net.relu(name + "_relu", net.conv(name, x, convolution));
}

}  // namespace offcut::zoo
