#pragma once

#include <vector>

#include "sim/runtime/transport/message.h"

namespace offcut::runtime {

/// Returns a message of each kind, with tensors of all types and sizes, and every field in use.
std::vector<Message> sample_messages();

/// A tensor whose bytes differ from those of its neighbours.
MessageTensor sample_tensor(const std::string& name, DataType type, Shape shape);
MessageTensor sample_encoded(const std::string& name, std::size_t bytes);

/// Returns whether both have the same fields, and the same bytes in their tensors.
bool is_same(const Message& a, const Message& b);

/// Returns the bytes of a message on a socket.
std::vector<std::byte> bytes_of(const Message& message);

}  // namespace offcut::runtime
