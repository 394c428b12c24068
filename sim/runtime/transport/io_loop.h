#pragma once

#include <memory>

#include "sim/runtime/transport/loop.h"

namespace boost::asio {
class io_context;
}

namespace offcut::runtime {

/// The loop of a real node, which waits for sockets and timers. It must outlive the transports and
/// channels that use it.
class IoLoop final : public Loop {
 public:
  IoLoop();
  ~IoLoop() override;

  Seconds now() const override;
  void post(Action action) override;
  Timer at(Seconds time, Action action) override;
  void cancel(Timer timer) override;

  /// Runs actions in this thread, which becomes the loop's, until stop(). An exception of an action
  /// ends it as well; it can be called again.
  void run();
  /// Ends run() after the current action. Safe on any thread.
  void stop();

  /// For the sockets of this folder, and for services on the same thread.
  boost::asio::io_context& context();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace offcut::runtime
