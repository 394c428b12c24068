#pragma once

#include <cstddef>
#include <string>

#include "models/base/units.h"

namespace offcut::runtime {

/// The limits of a service, and its address.
struct ServiceSettings {
  std::string address = "127.0.0.1:8000";  // Or "[::1]:8000", "localhost:0". Port 0: a free one.
  std::string token;  // That callers must give. Empty: none, which only a loopback address allows.
  std::string version;  // Of the program, for those who ask.

  std::size_t header_bytes = 16 * 1024;            // Of a request.
  std::size_t body_bytes = 64 * 1024 * 1024;       // Of a request.
  std::size_t all_body_bytes = 256 * 1024 * 1024;  // Of all requests that are being read.
  std::size_t connections = 256;
  std::size_t connections_per_peer = 128;  // Of one address.
  std::size_t calls = 64;                  // That are read and not answered.
  std::size_t workers = 2;                 // Threads that read and write tensors.

  Seconds header_time{10};   // From the first byte of a header to its last.
  Seconds body_time{60};     // From the first byte of a body to its last.
  Seconds idle_time{60};     // Between an answer and the next request.
  Seconds compute_time{60};  // From a request's last byte to its answer.
  Seconds write_time{60};    // To send an answer.
  Seconds stop_time{5};      // For requests that are under way when the service stops.
};

}  // namespace offcut::runtime
