#pragma once

#include <memory>
#include <string>

#include "sim/runtime/service/answerer.h"
#include "sim/runtime/service/settings.h"

namespace offcut::runtime {

/// A model that answers by the Open Inference Protocol (KServe v2 REST) with binary tensor data,
/// and metrics for Prometheus at /metrics. See docs/service.md.
class HttpService {
 public:
  /// Listens, and answers on threads of its own. Throws InputError about settings.address if it is
  /// invalid, in use, or neither a loopback address nor protected by a token. REQUIRES: the
  /// answerer outlives this.
  HttpService(Answerer& answerer, ServiceSettings settings);
  ~HttpService();  // Stops.
  HttpService(const HttpService&) = delete;
  HttpService& operator=(const HttpService&) = delete;

  /// Returns where it listens, "127.0.0.1:8000", with the port that was taken.
  std::string address() const;

  /// Accepts no more connections, answers the requests that are under way for at most
  /// settings.stop_time, and ends all threads. Calls that the answerer still has may end later,
  /// even after this object is gone.
  void stop();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace offcut::runtime
