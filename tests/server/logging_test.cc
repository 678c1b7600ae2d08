#include "server/logging.h"

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "glog/logging.h"
#include "grpc/support/log.h"
#include "gtest/gtest.h"

#include "tests/fakes/captured_log.h"

namespace mentiond {
namespace {

// One test, as logging is started once in a program.
TEST(LoggingTest, WhatGrpcSaysIsInOurLog) {
  const CapturedLog log;
  StartLogging("logging_test", LogFormat::kText, LogLevel::kInfo);

  // An error is one, with its place,
  const int line = __LINE__ + 1;
  gpr_log(GPR_ERROR, "broken %d", 7);
  const auto errors = log.With("broken");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].message, "gRPC: broken 7");
  EXPECT_EQ(errors[0].severity, google::GLOG_ERROR);
  EXPECT_EQ(errors[0].file, "logging_test.cc");
  EXPECT_EQ(errors[0].line, line);

  // and what is less than that is left out, unless it is wanted.
  gpr_log(GPR_INFO, "working");
  EXPECT_TRUE(log.With("working").empty());
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_INFO);
  gpr_log(GPR_INFO, "working");
  ASSERT_EQ(log.With("working").size(), 1U);
  EXPECT_EQ(log.With("working")[0].severity, google::GLOG_INFO);

  // A flood does not fill the disk.
  const absl::Time began = absl::Now();
  for (int i = 0; i < 5000; ++i) gpr_log(GPR_ERROR, "flood");
  const absl::Duration took = absl::Now() - began;
  const size_t lines = log.With("flood").size();
  EXPECT_GE(lines, 5U);
  EXPECT_LE(static_cast<double>(lines), 10 * (2 + absl::ToDoubleSeconds(took)));
}

}  // namespace
}  // namespace mentiond
