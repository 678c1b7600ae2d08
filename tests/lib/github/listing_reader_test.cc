#include "lib/github/listing_reader.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "tests/lib/github/listing_model.h"
#include "tests/lib/github/reader_fixture.h"

namespace mentiond {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr int64_t kLater = kStart + 1'000'000;

// Ids that a model has and a reading has not.
std::vector<int64_t> Missed(const ListingModel& model,
                            const ModelReading& reading) {
  std::vector<int64_t> missed;
  for (const auto& [id, updated] : model.updates()) {
    if (!reading.Has(id)) missed.push_back(id);
  }
  return missed;
}

// The number of requests until the end; -1 when something was lost.
int RequestsToReadAll(ListingModel model) {
  ModelReading reading(model);
  EXPECT_TRUE(reading.Finish().ok());
  if (!Missed(model, reading).empty()) return -1;
  return static_cast<int>(reading.requests());
}

ListingModel SpreadOut(size_t items) {
  ListingModel model;
  model.AddMany(1, items, kStart, /*step=*/60);
  return model;
}

ListingModel InOneSecond(size_t items) {
  ListingModel model;
  model.AddMany(1, items, kStart, /*step=*/0);
  return model;
}

// Windows overlap in one item: 100 + 99 + 99 ...
TEST(ListingReaderTest, ReadsAQuietListingWithNoRequestTooMany) {
  EXPECT_EQ(RequestsToReadAll(SpreadOut(0)), 1);
  EXPECT_EQ(RequestsToReadAll(SpreadOut(1)), 1);
  EXPECT_EQ(RequestsToReadAll(SpreadOut(99)), 1);
  EXPECT_EQ(RequestsToReadAll(SpreadOut(100)), 2)
      << "a full page can't be sure";
  EXPECT_EQ(RequestsToReadAll(SpreadOut(101)), 2);
  EXPECT_EQ(RequestsToReadAll(SpreadOut(250)), 3);
  EXPECT_EQ(RequestsToReadAll(SpreadOut(1000)), 11);
}

TEST(ListingReaderTest, PagesComeInAscendingOrder) {
  ListingModel model = SpreadOut(250);
  ModelReading reading(model);
  absl::Time latest = absl::InfinitePast();
  while (true) {
    const auto page = reading.Next();
    ASSERT_TRUE(page.ok()) << page.status();
    if (*page == nullptr) break;
    EXPECT_GE((*page)->items.front().updated_at, latest);
    EXPECT_EQ((*page)->latest, (*page)->items.back().updated_at);
    latest = (*page)->items.back().updated_at;
  }
  EXPECT_EQ(reading.ids().size(), 250U);
}

TEST(ListingReaderTest, AskedAgainAtTheEndItStaysThere) {
  ListingModel model = SpreadOut(3);
  ModelReading reading(model);
  ASSERT_TRUE(reading.Finish().ok());
  EXPECT_TRUE(reading.reader().at_end());

  const auto page = reading.Next();

  ASSERT_TRUE(page.ok());
  EXPECT_EQ(*page, nullptr);
  EXPECT_EQ(reading.requests(), 1U);
}

TEST(ListingReaderTest, BeginsWithSinceInclusively) {
  ListingModel model = SpreadOut(10);
  const absl::Time since = absl::FromUnixSeconds(kStart) + absl::Minutes(5);
  ModelReading reading(model, {}, since);

  ASSERT_TRUE(reading.Finish().ok());

  EXPECT_EQ(reading.ids(), (std::set<int64_t>{6, 7, 8, 9, 10}));
}

TEST(ListingReaderTest, ASinceWithinASecondBeginsWithThatSecond) {
  // 250 items of the second: a window from within it never gets beyond them.
  ListingModel model = InOneSecond(250);
  model.AddMany(1000, 5, kStart + 1, 1);
  // And one of them is edited while they are being read.
  ModelReading reading(
      model,
      [&](size_t n) {
        if (n == 1) model.Touch(7, kLater);
      },
      absl::FromUnixSeconds(kStart) + absl::Milliseconds(500));

  ASSERT_TRUE(reading.Finish().ok());

  EXPECT_THAT(Missed(model, reading), ::testing::IsEmpty());
}

TEST(ListingReaderTest, AnEditBetweenTwoPagesLosesNothingWhereverItIs) {
  for (size_t after = 1; after <= 3; ++after) {
    for (int64_t edited = 1; edited <= 250; ++edited) {
      ListingModel model = SpreadOut(250);
      ModelReading reading(model, [&](size_t n) {
        if (n == after) model.Touch(edited, kLater);
      });
      ASSERT_TRUE(reading.Finish().ok());
      if (after == 3) model.Delete(edited);  // after the end: the next poll's
      ASSERT_THAT(Missed(model, reading), ::testing::IsEmpty())
          << "item " << edited << " edited after page " << after;
    }
  }
}

TEST(ListingReaderTest, ADeletionBetweenTwoPagesLosesNothing) {
  for (size_t after = 1; after <= 2; ++after) {
    for (int64_t deleted = 1; deleted <= 250; deleted += 9) {
      ListingModel model = SpreadOut(250);
      ModelReading reading(model, [&](size_t n) {
        if (n == after) model.Delete(deleted);
      });
      ASSERT_TRUE(reading.Finish().ok());
      ASSERT_THAT(Missed(model, reading), ::testing::IsEmpty()) << deleted;
    }
  }
}

TEST(ListingReaderTest, ABulkEditOfAWholePageLosesNothing) {
  ListingModel model = SpreadOut(350);
  ModelReading reading(model, [&](size_t n) {
    for (int64_t id = 1; n == 2 && id <= 150; ++id) model.Touch(id, kLater);
  });
  ASSERT_TRUE(reading.Finish().ok());
  EXPECT_THAT(Missed(model, reading), ::testing::IsEmpty());
}

TEST(ListingReaderTest, ABurstInOneSecondIsReadToItsEnd) {
  for (const size_t items : {100, 101, 199, 200, 201, 300, 365, 1000}) {
    EXPECT_GT(RequestsToReadAll(InOneSecond(items)), 0) << items;
  }
}

TEST(ListingReaderTest, ABurstIsReadAtTheBeginningInTheMiddleAndAtTheEnd) {
  for (const size_t before : {0, 1, 50, 99, 100, 101, 150}) {
    for (const size_t behind : {0, 1, 50, 99, 100, 101, 150}) {
      ListingModel model;
      model.AddMany(1, before, kStart - 100'000, 60);
      model.AddMany(1000, 365, kStart, 0);
      model.AddMany(2000, behind, kStart + 1, 1);
      EXPECT_GT(RequestsToReadAll(model), 0) << before << ", " << behind;
    }
  }
}

TEST(ListingReaderTest, TwoBurstsInARowAreBothRead) {
  ListingModel model;
  model.AddMany(1, 365, kStart, 0);
  model.AddMany(1000, 200, kStart + 1, 0);
  model.AddMany(2000, 100, kStart + 2, 0);
  EXPECT_GT(RequestsToReadAll(model), 0);
}

TEST(ListingReaderTest, AnEditWithinABurstLosesNothingWheneverItComes) {
  for (size_t after = 1; after <= 13; ++after) {
    for (int64_t edited = 1; edited <= 365; edited += 13) {
      ListingModel model = InOneSecond(365);
      model.AddMany(1000, 50, kStart + 1, 1);
      ModelReading reading(model, [&](size_t n) {
        if (n == after) model.Touch(edited, kLater);
      });
      ASSERT_TRUE(reading.Finish().ok());
      model.Delete(edited);  // only what stays is promised
      ASSERT_THAT(Missed(model, reading), ::testing::IsEmpty())
          << "item " << edited << " edited after page " << after;
    }
  }
}

TEST(ListingReaderTest, WhatShiftsOntoPagesOfABurstAlreadyReadIsNotLost) {
  // The burst is read twice alike, but between the last two pages of the second
  // reading so much of it is edited that all behind it moves by a page.
  ListingModel model = InOneSecond(100);
  model.AddMany(1000, 300, kStart + 1, 1);
  ModelReading reading(model, [&](size_t n) {
    if (n != 4) return;  // 1 of 400; the burst twice: page 1, 2, 1
    for (int64_t id = 1; id <= 100; ++id) model.Touch(id, kLater);
    for (int64_t id = 1000; id < 1100; ++id) model.Touch(id, kLater);
  });

  ASSERT_TRUE(reading.Finish().ok());

  EXPECT_THAT(Missed(model, reading), ::testing::IsEmpty());
}

TEST(ListingReaderTest, AnItemHiddenTwiceByAnotherThatComesAndGoesIsFound) {
  // Items of pages of two: while pages are read, an old item is edited into
  // the burst's second, before the others, and then deleted. That shows the
  // same pages twice, and hides the last item.
  for (size_t last = 4; last <= 12; ++last) {
    ListingModel model(/*largest_page=*/2);
    for (int64_t id = 11; id <= 14; ++id) model.Touch(id, kStart);
    int64_t guest = 1;
    ModelReading reading(
        model,
        [&](size_t n) {
          if (n > last) return;
          if (n % 3 == 1) model.Touch(guest, kStart);
          if (n % 3 == 2) model.Delete(guest++);
        },
        absl::FromUnixSeconds(kStart));

    ASSERT_TRUE(reading.Finish().ok());

    model.Delete(guest);
    EXPECT_THAT(Missed(model, reading), ::testing::IsEmpty()) << last;
  }
}

TEST(ListingReaderTest, AnItemThatCameAfterTheFirstOfTwoEqualReadingsIsFound) {
  // The second is not over when it is read first. Then an item joins it, and is
  // hidden from the second reading by two that leave.
  ListingModel model(/*largest_page=*/2);
  model.AddMany(1, 4, kStart, 0);
  ModelReading reading(
      model,
      [&](size_t n) {
        if (n == 3) model.Touch(8, kStart);
        if (n == 4) model.AddMany(1, 2, kLater, 0);
      },
      absl::FromUnixSeconds(kStart));

  ASSERT_TRUE(reading.Finish().ok());

  EXPECT_THAT(Missed(model, reading), ::testing::IsEmpty());
}

TEST(ListingReaderTest, ASecondThatNeverComesToRestIsGivenUp) {
  ListingModel model = InOneSecond(1000);
  int64_t edited = 1;
  ModelReading reading(model, [&](size_t) { model.Touch(edited++, kLater); });

  const absl::Status status = reading.Finish();

  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_LT(reading.requests(), 1000U);
}

TEST(ListingReaderTest, AfterAnErrorItContinuesWhereItWas) {
  for (size_t failing = 1; failing <= 12; ++failing) {
    ListingModel model;
    model.AddMany(1, 150, kStart - 100'000, 60);
    model.AddMany(1000, 250, kStart, 0);
    ModelReading reading(model);
    reading.FailAt(failing);

    absl::Status status = reading.Finish();
    if (reading.requests() >= failing) {
      EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << failing;
      const uint32_t done = reading.reader().pages_done();
      EXPECT_EQ(done, failing - 1);
      status = reading.Finish();
      EXPECT_EQ(reading.transport().requests()[failing - 1].url,
                reading.transport().requests()[failing].url)
          << "the same page again";
    }
    ASSERT_TRUE(status.ok()) << status;

    EXPECT_THAT(Missed(model, reading), ::testing::IsEmpty()) << failing;
  }
}

TEST(ListingReaderTest, ReportsItsProgress) {
  ListingModel model = SpreadOut(250);
  ModelReading reading(model);
  EXPECT_EQ(reading.reader().pages_done(), 0U);
  EXPECT_EQ(reading.reader().pages_total(), 0U);

  for (uint32_t page = 1; page <= 3; ++page) {
    ASSERT_TRUE(reading.Next().ok());
    EXPECT_EQ(reading.reader().pages_done(), page);
    EXPECT_EQ(reading.reader().pages_total(), 3U);
    EXPECT_EQ(reading.reader().at_end(), page == 3);
  }
}

TEST(ListingReaderTest, TheTotalIsNeverLessThanWhatIsDoneAndRightAtTheEnd) {
  ListingModel model = InOneSecond(365);
  model.AddMany(1000, 300, kStart + 1, 1);
  ModelReading reading(model);
  while (!reading.reader().at_end()) {
    ASSERT_TRUE(reading.Next().ok());
    EXPECT_GE(reading.reader().pages_total(), reading.reader().pages_done());
  }
  EXPECT_EQ(reading.reader().pages_total(), reading.reader().pages_done());
}

TEST(ListingReaderTest, AnEmptyListingIsOnePage) {
  ListingModel model;
  ModelReading reading(model);
  ASSERT_TRUE(reading.Next().ok());
  EXPECT_EQ(reading.reader().pages_done(), 1U);
  EXPECT_EQ(reading.reader().pages_total(), 1U);
}

TEST(ListingReaderTest, RequestsByWindowAndNotByPageBetweenSeconds) {
  ListingModel model = SpreadOut(250);
  ModelReading reading(model);
  ASSERT_TRUE(reading.Finish().ok());

  const auto& requests = reading.transport().requests();
  ASSERT_EQ(requests.size(), 3U);
  EXPECT_THAT(requests[0].url, Not(HasSubstr("since")));
  EXPECT_THAT(requests[1].url, HasSubstr("&since=2023-11-14T23:52:20Z"));
  for (const HttpRequest& request : requests) {
    EXPECT_THAT(request.url, Not(HasSubstr("&page=")));
    EXPECT_EQ(request.bearer.Expose(), "token");
  }
}

}  // namespace
}  // namespace mentiond
