// Pictures of the page for people to look at, where MIRAGE_SCREENSHOTS names a folder for them.

import Foundation
import Testing

@Browsing
@Suite(
    .browser,
    .enabled(if: ProcessInfo.processInfo.environment["MIRAGE_SCREENSHOTS"]?.isEmpty == false))
struct PictureKeepingTests {
    @Test(arguments: Tab.widths, Tab.Wish.allCases) func thePage(width: Int, wish: Tab.Wish) throws
    {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.resize(width: width)
            try tab.show(as: wish)
            try tab.open(study.page)
            try tab.keep("\(width)-\(wish)")
            try tab.keep("\(width)-\(wish)-whole", whole: true)
        }
    }
}
