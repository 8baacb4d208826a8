//! `Sessions/{Session,Apps,Tabs}_*`: what Chromium opens again, and tabs that were closed lately
//! (`components/sessions/core/command_storage_backend.cc`).
//!
//! `SNSS`, a version (32 bits, little-endian), then commands: a length (16 bits), a number, and what belongs to it. A
//! page of a tab's history is a command with the tab, its place in the tab and its address. Chromium's reader puts
//! pages in order by their places, takes gaps, and leaves out a tab without pages and a window without tabs.

/// The files' folder, below the profile's.
pub(crate) const FOLDER: &str = "Sessions";
/// Where newer versions write the same once more, encrypted. Chromium 156 doesn't read it.
pub(crate) const ENCRYPTED: &str = "Sessions_Encrypted";
/// Versions whose commands can be read: without and with a mark where the first state ends. The others are encrypted.
const PLAIN: [u32; 2] = [1, 3];
/// `kCommandUpdateTabNavigation` of `session_service_commands.cc`.
const PAGE: u8 = 6;
/// The same of `tab_restore_service_impl`.
const CLOSED_PAGE: u8 = 1;
/// `kCommandSelectedNavigationInTab` there: a tab, the place of the page it shows, a time.
const CLOSED_TAB: u8 = 4;
const HEADER: usize = 8;

/// The file without the pages whose host goes; all else stays as it is, to the byte. `None` when it can't be read.
pub(crate) fn without(name: &str, file: &[u8], goes: &mut dyn FnMut(&str) -> bool) -> Option<Vec<u8>> {
    let (head, mut rest) = file.split_at_checked(HEADER)?;
    let version = u32::from_le_bytes(*head.strip_prefix(b"SNSS")?.first_chunk()?);
    if !PLAIN.contains(&version) {
        return None;
    }
    let closed = name.starts_with("Tabs_");
    let page = if closed { CLOSED_PAGE } else { PAGE };
    let mut stays = head.to_vec();
    let mut tab: Option<ClosedTab> = None;
    while let Some((command, after)) = command(rest) {
        let [_, _, number, body @ ..] = command else {
            return None;
        };
        rest = after;
        if *number == page {
            let address = address(body)?;
            let gone = crate::look::page_host(address).is_some_and(|host| goes(&host));
            if let Some(tab) = &mut tab {
                tab.page(!gone);
            }
            if gone {
                continue;
            }
        } else if closed && *number == CLOSED_TAB {
            if let Some(tab) = tab.take() {
                tab.write(&mut stays);
            }
            tab = ClosedTab::new(stays.len() + 3, body);
        }
        stays.extend(command);
    }
    if let Some(tab) = tab {
        tab.write(&mut stays);
    }
    // A command that was cut off, as Chromium leaves it out too.
    stays.extend(rest);
    Some(stays)
}

/// The first command, with its length, and what follows it.
fn command(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = u16::from_le_bytes(*bytes.first_chunk()?);
    (length > 0).then(|| bytes.split_at_checked(2 + usize::from(length)))?
}

/// A page's address: after the length of it all, the tab, the place and the address's length (32 bits each).
fn address(body: &[u8]) -> Option<&str> {
    let (numbers, rest) = body.split_first_chunk::<16>()?;
    let length = u32::from_le_bytes(*numbers.last_chunk()?);
    std::str::from_utf8(rest.get(..usize::try_from(length).ok()?)?).ok()
}

/// A tab that was closed. It shows one of its pages by its place among them, and isn't offered again without that page.
struct ClosedTab {
    /// Where the place stands in what stays.
    at: usize,
    shown: u32,
    pages: u32,
    stay: u32,
    stay_before: u32,
}

impl ClosedTab {
    fn new(body_at: usize, body: &[u8]) -> Option<Self> {
        let (numbers, _) = body.split_first_chunk::<8>()?;
        Some(Self {
            at: body_at + 4,
            shown: u32::from_le_bytes(*numbers.last_chunk()?),
            pages: 0,
            stay: 0,
            stay_before: 0,
        })
    }

    fn page(&mut self, stays: bool) {
        self.stay += u32::from(stays);
        self.stay_before += u32::from(stays && self.pages < self.shown);
        self.pages += 1;
    }

    fn write(self, stays: &mut [u8]) {
        if self.stay == self.pages {
            return;
        }
        let shown = self.stay_before.min(self.stay.saturating_sub(1));
        if let Some(place) = stays.get_mut(self.at..self.at + 4) {
            place.copy_from_slice(&shown.to_le_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn command(number: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len() + 1).unwrap();
        [&length.to_le_bytes(), &[number][..], body].concat()
    }

    fn page(number: u8, tab: u32, place: u32, address: &str) -> Vec<u8> {
        let mut body = 99u32.to_le_bytes().to_vec();
        for part in [tab, place, u32::try_from(address.len()).unwrap()] {
            body.extend(part.to_le_bytes());
        }
        body.extend(address.as_bytes());
        body.extend(b"\0state that names im.dingtalk.com");
        command(number, &body)
    }

    fn closed_tab(tab: u32, shown: u32) -> Vec<u8> {
        let mut body = tab.to_le_bytes().to_vec();
        body.extend(shown.to_le_bytes());
        body.extend(7u64.to_le_bytes());
        command(CLOSED_TAB, &body)
    }

    fn file(commands: &[Vec<u8>]) -> Vec<u8> {
        [b"SNSS\x03\0\0\0".to_vec(), commands.concat()].concat()
    }

    fn ours(host: &str) -> bool {
        host == "im.dingtalk.com"
    }

    const OURS: &str = "https://im.dingtalk.com/a?b#c";
    const OTHERS: &str = "https://www.example.org/?q=im.dingtalk.com";

    #[test]
    fn pages_of_a_host_go_and_every_other_byte_stays() {
        let tab = command(12, &[1, 2, 3, 4]);
        let before = file(&[
            tab.clone(),
            page(PAGE, 1, 0, OTHERS),
            page(PAGE, 1, 1, OURS),
            page(PAGE, 2, 0, "https://notdingtalk.com/"),
            command(255, &[]),
            vec![9, 0, 6],
        ]);
        let after = file(&[
            tab,
            page(PAGE, 1, 0, OTHERS),
            page(PAGE, 2, 0, "https://notdingtalk.com/"),
            command(255, &[]),
            vec![9, 0, 6],
        ]);
        assert_eq!(without("Session_1", &before, &mut ours), Some(after.clone()));
        assert_eq!(without("Session_1", &after, &mut ours), Some(after));
    }

    #[test]
    fn a_closed_tab_goes_on_showing_the_page_it_showed_or_the_nearest_that_stays() {
        for (shown, expected) in [(0, 0), (1, 1), (2, 1), (3, 1)] {
            let pages = |with: bool| {
                let mut pages = vec![page(CLOSED_PAGE, 1, 0, OTHERS)];
                pages.extend(with.then(|| page(CLOSED_PAGE, 1, 1, OURS)));
                pages.push(page(CLOSED_PAGE, 1, 2, "https://www.example.org/2"));
                pages.extend(with.then(|| page(CLOSED_PAGE, 1, 3, OURS)));
                pages.concat()
            };
            let untouched = [closed_tab(2, 0), page(CLOSED_PAGE, 2, 0, OTHERS)].concat();
            let before = file(&[closed_tab(1, shown), pages(true), untouched.clone()]);
            let after = file(&[closed_tab(1, expected), pages(false), untouched]);
            assert_eq!(without("Tabs_1", &before, &mut ours), Some(after), "{shown}");
        }
    }

    #[test]
    fn what_is_encrypted_or_no_session_isnt_read() {
        for file in [&b"SNSS\x02\0\0\0abc"[..], b"SNSS\x04\0\0\0", b"", b"nonsense"] {
            assert_eq!(without("Session_1", file, &mut |_| true), None);
        }
        // A page without an address.
        assert_eq!(
            without("Session_1", &file(&[command(PAGE, &[1, 2])]), &mut |_| true),
            None
        );
    }

    proptest! {
        #[test]
        fn where_nothing_goes_no_byte_changes(
            bytes in proptest::collection::vec(any::<u8>(), 0..200), tabs in any::<bool>()
        ) {
            let whole = [b"SNSS\x01\0\0\0".to_vec(), bytes].concat();
            let name = if tabs { "Tabs_1" } else { "Session_1" };
            if let Some(after) = without(name, &whole, &mut |_| false) {
                prop_assert_eq!(after, whole);
            }
        }
    }
}
