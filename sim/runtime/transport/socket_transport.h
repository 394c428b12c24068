#pragma once

#include <cstddef>
#include <memory>

#include "sim/runtime/transport/io_loop.h"
#include "sim/runtime/transport/transport.h"

namespace offcut::runtime {

/// The limits of a node towards its peers. A channel that exceeds one is closed, with the reason.
struct SocketLimits {
  std::size_t message_bytes = std::size_t{256} << 20U;  // Fields and tensors of a message.
  std::size_t hello_bytes = std::size_t{4} << 20U;      // The same of the first message.
  std::size_t waiting_bytes = std::size_t{1} << 30U;    // Messages that the peer does not take.
  std::size_t channels = 256;    // That were accepted and are open. Further ones are closed.
  Seconds hello_patience{10};    // Until the peer's first message.
  Seconds message_patience{30};  // Between the bytes of a message, in both directions.
  Seconds silence_patience{30};  // Until a silent peer must show that it still exists.
};

/// Channels over TCP. Nothing waits in the system for a larger segment (TCP_NODELAY), and peers
/// that vanished without a word are found by keep-alive probes. Memory that the process frees stays
/// with it from now on, up to 256 MiB.
std::unique_ptr<Transport> make_socket_transport(IoLoop& loop, const SocketLimits& limits = {});

/// Returns the share of a channel's packets that carries messages: TCP's segments, less the headers
/// of Ethernet, IP and TCP with timestamps. 1 for a channel that is no socket's.
double payload_share(const Channel& channel);

}  // namespace offcut::runtime
