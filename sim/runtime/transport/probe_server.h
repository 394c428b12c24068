#pragma once

#include <map>
#include <memory>
#include <string>

#include "sim/runtime/transport/probe.h"

namespace offcut::runtime {

/// A node that answers probes and nothing else.
class ProbeServer {
 public:
  /// Probers must have the token, unless it is empty. Throws as Transport::listen().
  ProbeServer(Transport& transport, const std::string& address, std::string token,
              const ProbeLimits& limits = {});
  std::string address() const { return transport_.address_of(*listening_); }

 private:
  struct Guest {
    std::unique_ptr<Channel> channel;
    ProbeAnswerer answerer;
    bool is_welcome = false;
  };

  void accept(std::unique_ptr<Channel> channel);
  void arrived(std::uint64_t number, const Message& message, Arrival arrival);
  void drop(std::uint64_t number);

  Transport& transport_;
  const std::string token_;
  const ProbeLimits limits_;
  std::map<std::uint64_t, Guest> guests_;
  std::uint64_t numbered_ = 0;
  std::unique_ptr<Handle> listening_;
};

}  // namespace offcut::runtime
