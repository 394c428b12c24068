// The loop of a real node: an io_context of Boost.Asio that one thread runs. All timers share one
// of Asio's, which is set to the earliest; on Linux it is a timerfd, precise to microseconds.
#include "sim/runtime/transport/io_loop.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <limits>
#include <utility>

#include "sim/runtime/transport/timer_queue.h"

namespace offcut::runtime {

namespace {

using Clock = std::chrono::steady_clock;

Clock::time_point time_point(Seconds time) {
  constexpr double kLatest = 1e9;  // Decades; beyond it, the clock's count would overflow.
  return Clock::time_point(std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double>(std::min(time.si(), kLatest))));
}

}  // namespace

struct IoLoop::Implementation {
  boost::asio::io_context context{1};  // One thread: no locks where Asio can do without.
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{
      context.get_executor()};
  boost::asio::steady_timer timer{context};
  TimerQueue queue;
  Seconds armed{std::numeric_limits<double>::infinity()};

  static Seconds now() {
    return Seconds(std::chrono::duration<double>(Clock::now().time_since_epoch()).count());
  }

  /// Sets the timer to the next action, unless it goes off before.
  void arm() {
    if (queue.empty() || armed <= queue.next()) {
      return;
    }
    armed = queue.next();
    timer.expires_at(time_point(armed));
    timer.async_wait([this](const boost::system::error_code& error) {
      if (!error) {
        run_due();
      }
    });
  }

  void run_due() {
    armed = Seconds(std::numeric_limits<double>::infinity());
    // One action per turn: an action that throws leaves the others in place.
    if (!queue.empty() && queue.next() <= now()) {
      const Action action = queue.take();
      arm();
      action();
    } else {
      arm();
    }
  }
};

IoLoop::IoLoop() : implementation_(std::make_unique<Implementation>()) {}
IoLoop::~IoLoop() = default;

Seconds IoLoop::now() const { return Implementation::now(); }

void IoLoop::post(Action action) { boost::asio::post(implementation_->context, std::move(action)); }

Loop::Timer IoLoop::at(Seconds time, Action action) {
  const Timer timer = implementation_->queue.add(time, std::move(action));
  implementation_->arm();
  return timer;
}

void IoLoop::cancel(Timer timer) { implementation_->queue.cancel(timer); }

void IoLoop::run() {
  implementation_->context.run();
  implementation_->context.restart();
}

void IoLoop::stop() { implementation_->context.stop(); }

boost::asio::io_context& IoLoop::context() { return implementation_->context; }

}  // namespace offcut::runtime
