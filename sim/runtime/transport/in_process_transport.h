#pragma once

#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/runtime/transport/transport.h"

namespace offcut::runtime {

/// How messages travel within a process, in each direction of each channel by itself.
struct InProcessLink {
  Seconds latency;
  BytesPerSecond rate{std::numeric_limits<double>::infinity()};  // Of the bytes on a socket.
};

/// Channels within a process, for tests: on any loop, with links of any latency and rate, which
/// can be cut. Tensors are handed over without a copy. The rule that a hello comes first holds
/// here as well. It must outlive its handles and channels.
class InProcessTransport final : public Transport {
 public:
  explicit InProcessTransport(Loop& loop) : loop_(loop) {}

  Loop& loop() override { return loop_; }
  std::unique_ptr<Handle> listen(const std::string& address,
                                 std::function<void(std::unique_ptr<Channel>)> accept) override;
  std::string address_of(const Handle& listening) const override;
  std::unique_ptr<Handle> connect(const std::string& address, Seconds patience,
                                  Connected connected) override;

  /// Sets the links of channels to this address that are opened from now on: `up` towards the
  /// listener, `down` back.
  void set_links(const std::string& address, InProcessLink up, InProcessLink down);
  /// Closes all channels to this address on both sides, with the reason. Messages on their way are
  /// lost.
  void cut(const std::string& address, const std::string& reason);

 private:
  class Listening;
  class Connecting;
  class End;
  class EndHandle;
  struct Links {
    InProcessLink up, down;
  };

  Loop& loop_;
  std::map<std::string, Listening*> listening_;
  std::map<std::string, Links> links_;
  std::multimap<std::string, std::weak_ptr<End>> open_;
};

}  // namespace offcut::runtime
