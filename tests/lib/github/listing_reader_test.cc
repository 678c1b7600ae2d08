#include "lib/github/listing_reader.h"

#include "lib/github/delay.h"
#include "tests/lib/github/reader_fixture.h"

namespace mentiond {
namespace {

using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

constexpr int64_t kLater = kStart + 1'000'000;
const absl::Time kFirstSecond = absl::FromUnixSeconds(kStart);

ListingModel SpreadOut(size_t items) {
  return ListingModel().AddMany(1, items, kStart, /*step=*/60);
}
ListingModel InOneSecond(size_t items) {
  return ListingModel().AddMany(1, items, kStart, /*step=*/0);
}

TEST(ListingReaderTest, ReadsAQuietListingWithNoRequestTooMany) {
  // Windows overlap in one item: 100 + 99 + 99 ... A full page can't be sure
  // that it is the last.
  for (const auto& [items, requests] : std::map<size_t, size_t>{
           {0, 1}, {1, 1}, {99, 1}, {100, 2}, {101, 2}, {250, 3}, {1000, 11}}) {
    ListingModel model = SpreadOut(items);
    EXPECT_EQ(ReadAll(model), requests) << items;
  }
}

TEST(ListingReaderTest, PagesComeInAscendingOrderByWindowsWithTheirProgress) {
  ListingModel model = SpreadOut(250);
  Reading reading(model);
  EXPECT_EQ(reading.reader().pages_done(), 0U);
  EXPECT_EQ(reading.reader().pages_total(), 0U);
  absl::Time latest = absl::InfinitePast();
  for (uint32_t number = 1; number <= 3; ++number) {
    const auto page = reading.Next();
    ASSERT_TRUE(page.ok() && *page != nullptr) << page.status();
    EXPECT_GE((*page)->items.front().updated_at, latest);
    latest = (*page)->items.back().updated_at;
    EXPECT_EQ((*page)->latest, latest);
    EXPECT_EQ(reading.reader().pages_done(), number);
    EXPECT_EQ(reading.reader().pages_total(), 3U);
    EXPECT_EQ(reading.reader().at_end(), number == 3);
    EXPECT_THAT(reading.request(number - 1).url, Not(HasSubstr("&page=")));
    EXPECT_EQ(reading.request(number - 1).bearer.Expose(), "token");
  }
  EXPECT_THAT(reading.request(0).url, Not(HasSubstr("since")));
  EXPECT_THAT(reading.request(1).url, HasSubstr("&since=2023-11-14T23:52:20Z"));
  // At the end it stays there.
  for (int i = 0; i < 2; ++i) EXPECT_EQ(reading.Next().value(), nullptr);
  EXPECT_EQ(reading.requests(), 3U);
}

TEST(ListingReaderTest, TheTotalIsNeverLessThanWhatIsDoneAndRightAtTheEnd) {
  ListingModel models[] = {InOneSecond(365).AddMany(1000, 300, kStart + 1, 1),
                           SpreadOut(0)};
  for (ListingModel& model : models) {
    Reading reading(model);
    while (!reading.reader().at_end()) {
      ASSERT_TRUE(reading.Next().ok());
      EXPECT_GE(reading.reader().pages_total(), reading.reader().pages_done());
    }
    EXPECT_EQ(reading.reader().pages_total(), reading.reader().pages_done());
    EXPECT_EQ(reading.reader().pages_done(), reading.requests());
  }
}

TEST(ListingReaderTest, BeginsWithSinceInclusivelyAndAtItsSecond) {
  ListingModel model = SpreadOut(10);
  Reading reading(model, {}, kFirstSecond + absl::Minutes(5));
  ASSERT_TRUE(reading.Finish().ok());
  EXPECT_EQ(reading.ids(), (std::set<int64_t>{6, 7, 8, 9, 10}));

  // 250 items of the second: a window from within it never gets beyond them.
  ListingModel burst = InOneSecond(250).AddMany(1000, 5, kStart + 1, 1);
  ReadAll(burst, {}, kFirstSecond + absl::Milliseconds(500));
}

TEST(ListingReaderTest, AChangeBetweenTwoPagesLosesNothingWhereverItIs) {
  // Whether the items are spread out, or a burst and some behind it, and
  // whether one is edited, one deleted, or all of a page and a half edited.
  enum Change { kEdit, kDelete, kBulkEdit };
  for (const bool burst : {false, true}) {
    for (const Change change : {kEdit, kDelete, kBulkEdit}) {
      for (size_t after = 1; after <= (burst ? 13 : 3); ++after) {
        for (int64_t id = 1; id <= 365; id += change == kEdit ? 7 : 52) {
          SCOPED_TRACE(absl::StrCat("change ", change, " of item ", id,
                                    " after page ", after));
          ListingModel model = burst ? InOneSecond(365) : SpreadOut(350);
          model.AddMany(1000, 50, kLater - 1000, 1);
          ReadAll(model, [&](size_t n) {
            if (n != after) return;
            if (change == kDelete) return model.Delete(id);
            const int64_t last =
                change == kEdit ? id : std::min<int64_t>(id + 150, 350);
            for (int64_t i = id; i <= last; ++i) model.Touch(i, kLater);
          });
          ASSERT_FALSE(testing::Test::HasFailure());
        }
      }
    }
  }
}

TEST(ListingReaderTest, ABurstIsReadAtTheBeginningInTheMiddleAndAtTheEnd) {
  std::vector<ListingModel> models = {InOneSecond(365)
                                          .AddMany(1000, 200, kStart + 1, 0)
                                          .AddMany(2000, 100, kStart + 2, 0)};
  for (const size_t items : {100, 101, 199, 200, 201, 300, 1000}) {
    models.push_back(InOneSecond(items));
  }
  for (const size_t before : {0, 1, 50, 99, 100, 101, 150}) {
    for (const size_t behind : {0, 1, 50, 99, 100, 101, 150}) {
      models.push_back(InOneSecond(365)
                           .AddMany(1000, before, kStart - 100'000, 60)
                           .AddMany(2000, behind, kStart + 1, 60));
    }
  }
  for (ListingModel& model : models) ReadAll(model);
}

TEST(ListingReaderTest, WhatShiftsOntoPagesOfABurstAlreadyReadIsNotLost) {
  // The burst is read twice alike, but between the last two pages of the second
  // reading so much of it is edited that all behind it moves by a page.
  ListingModel model = InOneSecond(100).AddMany(1000, 300, kStart + 1, 1);
  ReadAll(model, [&](size_t n) {
    if (n != 4) return;  // 1 of 400; the burst twice: page 1, 2, 1
    model.AddMany(1, 100, kLater, 0).AddMany(1000, 100, kLater, 0);
  });
}

TEST(ListingReaderTest, AnItemHiddenTwiceByAnotherThatComesAndGoesIsFound) {
  // Items of pages of two: while pages are read, an old item is edited into
  // the burst's second, before the others, and then deleted. That shows the
  // same pages twice, and hides the last item.
  for (size_t last = 4; last <= 12; ++last) {
    ListingModel model(/*largest_page=*/2);
    model.AddMany(11, 4, kStart, 0);
    int64_t guest = 1;
    const auto between = [&](size_t n) {
      if (n > last) return;
      if (n % 3 == 1) model.Touch(guest, kStart);
      if (n % 3 == 2) model.Delete(guest++);
    };
    Reading reading(model, between, kFirstSecond);
    ASSERT_TRUE(reading.Finish().ok());
    EXPECT_THAT(reading.ids(), IsSupersetOf({11, 12, 13, 14})) << last;
  }
}

TEST(ListingReaderTest, AnItemThatCameAfterTheFirstOfTwoEqualReadingsIsFound) {
  // The second is not over when it is read first. Then an item joins it, and is
  // hidden from the second reading by two that leave.
  ListingModel model(/*largest_page=*/2);
  model.AddMany(1, 4, kStart, 0);
  const auto between = [&](size_t n) {
    if (n == 3) model.Touch(8, kStart);
    if (n == 4) model.AddMany(1, 2, kLater, 0);
  };
  ReadAll(model, between, kFirstSecond);
}

TEST(ListingReaderTest, ASecondIsNotOverBecauseAnEmptyPageEndsIt) {
  // Given a second whose items fill two pages, so that a third is requested,
  // when another item joins it after the last of those, and one the next second
  ListingModel model = InOneSecond(200);
  const auto between = [&](size_t n) {
    if (n == 6) model.AddMany(1000, 2, kStart, 1);
  };
  Reading reading(model, between, kFirstSecond);
  ASSERT_TRUE(reading.Finish().ok());
  // then the reading ends with that second, with which the next one begins.
  EXPECT_EQ(reading.latest(), kStart);
  EXPECT_EQ(reading.requests(), 6U);
}

TEST(ListingReaderTest, ASecondThatNeverComesToRestIsGivenUp) {
  ListingModel model = InOneSecond(1000);
  int64_t edited = 1;
  Reading reading(model, [&](size_t) { model.Touch(edited++, kLater); });
  EXPECT_TRUE(absl::IsUnavailable(reading.Finish()));
  EXPECT_LT(reading.requests(), 1000U);
}

// Shows: of one second more than 10,000 items cannot be read
TEST(ListingReaderTest, OfOneSecondMoreThan10000ItemsCannotBeRead) {
  // Given a second of so many items that the last page is not full, then it is
  // read, from the listing's beginning and twice page by page.
  ListingModel model = InOneSecond(ListingModel::kDeepest - 1);
  EXPECT_EQ(ReadAll(model), 1 + 2 * 100U);

  // When there are more, then the reader stops there,
  model.AddMany(20'000, 2, kStart, 0).Touch(30'000, kLater);
  Reading reading(model);
  EXPECT_TRUE(absl::IsOutOfRange(reading.Finish()));
  EXPECT_EQ(reading.requests(), 102U);
  EXPECT_EQ(reading.ids().size(), ListingModel::kDeepest);
  // and each attempt after the delay that it asks for costs one request, for
  // the page that is refused.
  for (size_t attempt = 1; attempt <= 3; ++attempt) {
    const absl::Status status = reading.Next().status();
    EXPECT_TRUE(absl::IsOutOfRange(status)) << status;
    EXPECT_TRUE(DelayOf(status).has_value());
    ASSERT_EQ(reading.requests(), 102 + attempt);
    EXPECT_THAT(reading.request(101 + attempt).url, HasSubstr("&page=101"));
    EXPECT_EQ(reading.reader().pages_done(), 101U);
    EXPECT_FALSE(reading.reader().at_end());
  }
}

TEST(ListingReaderTest, AfterAnErrorItContinuesWhereItWas) {
  for (size_t failing = 1; failing <= 12; ++failing) {
    SCOPED_TRACE(failing);
    const ListingModel model =
        InOneSecond(250).AddMany(1000, 150, kStart - 100'000, 60);
    size_t number = 0;
    Reading reading([&](const HttpRequest& request) {
      return ++number == failing ? Answer(502, "") : model.Answer(request);
    });

    absl::Status status = reading.Finish();
    if (reading.requests() >= failing) {
      EXPECT_TRUE(absl::IsUnavailable(status)) << status;
      EXPECT_EQ(reading.reader().pages_done(), failing - 1);
      status = reading.Finish();
      EXPECT_EQ(reading.request(failing - 1).url, reading.request(failing).url)
          << "the same page again";
    }
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(reading.ids().size(), 400U);
  }
}

}  // namespace
}  // namespace mentiond
