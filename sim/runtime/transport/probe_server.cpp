// A node that answers probes and nothing else: for links whose other end runs no tier yet, and for
// the measurement of what the program itself takes.
#include "sim/runtime/transport/probe_server.h"

#include <utility>

#include "sim/runtime/transport/same_token.h"

namespace offcut::runtime {

ProbeServer::ProbeServer(Transport& transport, const std::string& address, std::string token,
                         const ProbeLimits& limits)
    : transport_(transport),
      token_(std::move(token)),
      limits_(limits),
      listening_(transport.listen(
          address, [this](std::unique_ptr<Channel> channel) { accept(std::move(channel)); })) {}

void ProbeServer::accept(std::unique_ptr<Channel> channel) {
  const std::uint64_t number = ++numbered_;
  channel->listen({[this, number](const Message& message, Arrival arrival) {
                     arrived(number, message, arrival);
                   },
                   [this, number](const std::string&) { guests_.erase(number); }});
  guests_.emplace(number, Guest{std::move(channel), ProbeAnswerer(limits_)});
}

void ProbeServer::arrived(std::uint64_t number, const Message& message, Arrival arrival) {
  Guest& guest = guests_.at(number);
  if (guest.is_welcome && message.kind == MessageKind::probe) {
    guest.answerer.answer(*guest.channel, transport_.loop(), message, arrival);
    return;
  }
  std::string reason = "it answers probes and nothing else";
  if (!guest.is_welcome && message.kind == MessageKind::hello) {
    const std::optional<std::string> token = prober_token(message.text);
    guest.is_welcome = token && (token_.empty() || is_same_token(*token, token_));
    reason = token ? "the token is wrong" : reason;
  }
  guest.channel->send({.kind = MessageKind::hello});
  if (!guest.is_welcome || message.kind != MessageKind::hello) {
    guest.channel->send({.kind = MessageKind::refusal, .text = reason});
    drop(number);
  }
}

/// Closes the channel of a guest, which may be calling right now, in a turn of its own.
void ProbeServer::drop(std::uint64_t number) {
  guests_.at(number).channel->close();
  transport_.loop().post([this, number] { guests_.erase(number); });
}

}  // namespace offcut::runtime
