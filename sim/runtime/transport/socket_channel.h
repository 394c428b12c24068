#pragma once

#include <memory>
#include <string>

#include "sim/runtime/transport/io_loop.h"
#include "sim/runtime/transport/socket_transport.h"

namespace offcut::runtime {

/// Makes a channel of a connected TCP socket, which it owns from now on. `guest` is kept while the
/// channel is open.
std::unique_ptr<Channel> make_socket_channel(IoLoop& loop, int descriptor, bool is_v6,
                                             const SocketLimits& limits, std::string peer,
                                             std::shared_ptr<void> guest);

}  // namespace offcut::runtime
