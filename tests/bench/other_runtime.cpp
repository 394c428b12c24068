#include "tests/bench/other_runtime.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <stdexcept>

namespace offcut::bench {

OtherRuntime::OtherRuntime(const std::string& script, const std::string& folder) {
  std::array<int, 2> down{};
  std::array<int, 2> up{};
  if (pipe(down.data()) != 0 || pipe(up.data()) != 0) {
    throw std::runtime_error("no pipe to another program can be made");
  }
  std::signal(SIGPIPE, SIG_IGN);  // The missing answer tells if the program has ended.
  process_ = fork();
  if (process_ == 0) {
    dup2(down[0], STDIN_FILENO);
    dup2(up[1], STDOUT_FILENO);
    for (const int end : {down[0], down[1], up[0], up[1]}) {
      close(end);
    }
    execlp("node", "node", script.c_str(), folder.c_str(), nullptr);
    _exit(127);
  }
  close(down[0]);
  close(up[1]);
  commands_ = fdopen(down[1], "w");
  answers_ = fdopen(up[0], "r");
}

OtherRuntime::~OtherRuntime() {
  std::fclose(commands_);  // The program ends with its input.
  std::fclose(answers_);
  waitpid(process_, nullptr, 0);
}

std::string OtherRuntime::ask(const std::string& command) {
  std::fputs((command + "\n").c_str(), commands_);
  std::fflush(commands_);
  std::array<char, 256> line{};
  if (std::fgets(line.data(), static_cast<int>(line.size()), answers_) == nullptr) {
    throw std::runtime_error("the other runtime has ended without an answer to: " + command);
  }
  std::string answer = line.data();
  while (!answer.empty() && answer.back() == '\n') {
    answer.pop_back();
  }
  return answer;
}

}  // namespace offcut::bench
