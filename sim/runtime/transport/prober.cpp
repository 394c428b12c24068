// The side of a probe that asks. Each function starts something on the loop and runs it until the
// answer is there, the channel fails, or patience ends.
#include "sim/runtime/transport/prober.h"

#include <utility>

namespace offcut::runtime {

Prober::Prober(IoLoop& loop, Transport& transport, std::string address, std::string token,
               Seconds patience)
    : loop_(loop),
      transport_(transport),
      address_(std::move(address)),
      token_(std::move(token)),
      patience_(patience) {}

Seconds Prober::connect() {
  channel_.reset();
  const Seconds start = loop_.now();
  Seconds connected;
  connecting_ = transport_.connect(
      address_, patience_, [&](std::unique_ptr<Channel> channel, const std::string& reason) {
        connected = loop_.now();
        if (channel == nullptr) {
          fail(reason);
          return;
        }
        channel_ = std::move(channel);
        channel_->listen(
            {[this](Message message, Arrival arrival) { arrived(std::move(message), arrival); },
             [this](const std::string& reason_closed) { fail(reason_closed); }});
        channel_->send({.kind = MessageKind::hello, .text = prober_hello(token_)});
      });
  run(patience_ * 2, [this] { fail("no hello within " + to_readable(patience_ * 2)); });
  return connected - start;
}

Exchange Prober::exchange(std::size_t up, std::size_t down) {
  Message probe = make_probe(++number_, up, down);
  exchange_ = {.begun = loop_.now()};
  channel_->send(std::move(probe));
  run(patience_, [this] { fail("no echo within " + to_readable(patience_)); });
  return exchange_;
}

void Prober::pause(Seconds time) {
  run(time, [] {});
}

/// Runs the loop until something has arrived, or, after `time`, does what is to be done then.
void Prober::run(Seconds time, const std::function<void()>& late) {
  const Loop::Timer timer = loop_.at(loop_.now() + time, [this, late] {
    late();
    loop_.stop();
  });
  if (failure_.empty()) {
    loop_.run();
  }
  loop_.cancel(timer);
  if (!failure_.empty()) {
    throw ProbeError(std::exchange(failure_, ""));
  }
}

void Prober::arrived(Message message, Arrival arrival) {
  if (message.kind == MessageKind::refusal) {
    fail("it refuses: " + message.text);
    return;
  }
  if (message.kind == MessageKind::echo && message.request == number_) {
    const std::optional<ProbeEcho> echo = read_echo(message);
    if (!echo) {
      fail("its echo is not that of a probe");
      return;
    }
    exchange_.echo_first = arrival.first;
    exchange_.echo_last = arrival.last;
    exchange_.there = *echo;
  } else if (message.kind != MessageKind::hello) {
    return;  // An echo that is no longer waited for.
  }
  loop_.stop();
}

void Prober::fail(const std::string& reason) {
  if (failure_.empty()) {
    failure_ = reason;
  }
  loop_.stop();
}

}  // namespace offcut::runtime
