#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "sim/engine/simulation.h"

namespace offcut::engine {

/// The warmth of a station's servers. One that has been idle for too long, or was never used, is
/// cold: it takes some time until it serves again. A server in use, or becoming warm, is not idle.
class Warmth {
 public:
  /// The first `kept` servers are always warm.
  Warmth(const ColdStart& settings, std::size_t servers, std::size_t kept)
      : time_(settings.time.si()),
        idle_after_(settings.idle_after.si()),
        kept_(kept),
        servers_(servers) {}

  bool is_cold(std::size_t server, double now) const;
  /// Returns the seconds until the server could serve.
  double wait(std::size_t server, double now) const;
  /// Returns the position in `free`, which holds the server of each free core, of a core that can
  /// serve first; of equal ones, the last. REQUIRES: there is one.
  std::size_t readiest(std::span<const std::uint32_t> free, double now) const;
  /// A core of the server is used from now on. Returns the seconds until it can serve.
  double begin_use(std::size_t server, double now);
  void end_use(std::size_t server, double now);
  /// The server is warm, and idle from now on. REQUIRES: it is not in use.
  void make_warm(std::size_t server, double now) { servers_[server].idle_since = now; }
  /// REQUIRES: the server is not in use.
  void make_cold(std::size_t server) { servers_[server] = {}; }

 private:
  static constexpr double kNeverUsed = -std::numeric_limits<double>::infinity();
  struct Server {
    double idle_since = kNeverUsed;
    double warm_at = kNeverUsed;
    std::size_t users = 0;  // Cores.
  };

  double time_;
  double idle_after_;
  std::size_t kept_;
  std::vector<Server> servers_;
};

}  // namespace offcut::engine
