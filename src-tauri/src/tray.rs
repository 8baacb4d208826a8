//! The icon beside the clock: there while an account can still be kept, with the day of its end and one press that keeps
//! it.
//!
//! It speaks D-Bus alone ([StatusNotifierItem](https://www.freedesktop.org/wiki/Specifications/StatusNotifierItem/)), and
//! loads no library of the desktop's, which may be missing. A desktop that shows no such icons shows none: whatever is
//! said and done here stands in the window as well.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use ksni::menu::{MenuItem, StandardItem};
use ksni::{Handle, Icon, ToolTip, Tray, TrayMethods};
use settings_privacy_core::export::WorkflowId;
use settings_privacy_engine::{DeletionStanding, Engine};
use tauri::AppHandle;

/// Shows the icon whenever there is something to keep, until the program ends.
pub fn follow(app: AppHandle, engine: &Engine) {
    let engine = engine.clone();
    tauri::async_runtime::spawn(async move {
        let mut revisions = engine.revisions();
        let mut shown = None;
        loop {
            // Where it can't be read, what was known stays; the window says what is wrong.
            if let Ok(standings) = engine.deletions().await {
                shown = show(shown, ending(&standings), &app, &engine).await;
            }
            if revisions.changed().await.is_err() {
                return;
            }
        }
    });
}

/// The icon, and what it says.
type Shown = (Handle<Beside>, Vec<Ending>);

/// An account that ends, and can still be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ending {
    which: WorkflowId,
    whose: String,
    /// By the service's clock.
    until: Timestamp,
}

fn ending(standings: &[DeletionStanding]) -> Vec<Ending> {
    let one = |standing: &DeletionStanding| {
        Some(Ending {
            which: standing.deletion.workflow,
            whose: standing.whose.clone(),
            until: standing.until?,
        })
    };
    standings.iter().filter_map(one).collect()
}

async fn show(shown: Option<Shown>, ends: Vec<Ending>, app: &AppHandle, engine: &Engine) -> Option<Shown> {
    match (shown, ends.is_empty()) {
        (Some((icon, _)), true) => {
            icon.shutdown().await;
            None
        }
        (None, true) => None,
        // Nearly every change is about something else.
        (Some((icon, before)), false) if before == ends => Some((icon, ends)),
        (Some((icon, _)), false) => {
            let new = ends.clone();
            icon.update(|icon| icon.ends = new).await;
            Some((icon, ends))
        }
        (None, false) => {
            let icon = Beside {
                ends: ends.clone(),
                app: app.clone(),
                engine: engine.clone(),
            };
            // Whoever shows such icons may start later.
            match icon.assume_sni_available(true).spawn().await {
                Ok(icon) => Some((icon, ends)),
                Err(error) => {
                    tracing::info!(%error, "no icon beside the clock");
                    None
                }
            }
        }
    }
}

/// The icon.
struct Beside {
    ends: Vec<Ending>,
    app: AppHandle,
    engine: Engine,
}

impl Tray for Beside {
    fn id(&self) -> String {
        "settings-privacy".to_owned()
    }

    fn title(&self) -> String {
        TITLE.to_owned()
    }

    fn icon_pixmap(&self) -> Vec<Icon> {
        let icon = self.app.default_window_icon();
        icon.map(|icon| pixmap(icon.width(), icon.height(), icon.rgba()))
            .into_iter()
            .collect()
    }

    fn tool_tip(&self) -> ToolTip {
        ToolTip {
            title: TITLE.to_owned(),
            description: self.ends.iter().map(says).collect::<Vec<_>>().join(" "),
            ..ToolTip::default()
        }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        crate::focus(&self.app);
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        let several = self.ends.len() > 1;
        let of_one = |end: &Ending| {
            let (which, whose) = (end.which, several.then_some(end.whose.as_str()));
            let told = StandardItem {
                label: label(&says(end), whose),
                enabled: false,
                ..StandardItem::default()
            };
            let keep = StandardItem {
                label: label(KEEP, whose),
                activate: Box::new(move |icon: &mut Self| {
                    let engine = icon.engine.clone();
                    tauri::async_runtime::spawn(async move { engine.keep_account(which).await });
                }),
                ..StandardItem::default()
            };
            [told.into(), keep.into()]
        };
        let see = StandardItem {
            label: SEE.to_owned(),
            activate: Box::new(|icon: &mut Self| crate::focus(&icon.app)),
            ..StandardItem::default()
        };
        let ends = self.ends.iter().flat_map(of_one);
        ends.chain([MenuItem::Separator, see.into()]).collect()
    }
}

const TITLE: &str = "Settings & Privacy";
const KEEP: &str = "Keep my account";
const SEE: &str = "See how it stands";

fn says(end: &Ending) -> String {
    let at = end.until.to_zoned_datetime(TimeZone::system());
    format!(
        "Your account will be deleted on {}.",
        at.strftime("%-d %B %Y, %H:%M")
    )
}

/// A menu takes an underscore for a mark of the letter after it, and two for one.
fn label(text: &str, whose: Option<&str>) -> String {
    let text = match whose {
        Some(whose) => format!("{text} ({whose})"),
        None => text.to_owned(),
    };
    text.replace('_', "__")
}

/// From red, green, blue, opacity to opacity first, as the specification has it.
fn pixmap(width: u32, height: u32, rgba: &[u8]) -> Icon {
    let mut data = rgba.to_vec();
    for pixel in data.chunks_exact_mut(4) {
        pixel.rotate_right(1);
    }
    let side = |length: u32| i32::try_from(length).unwrap_or(i32::MAX);
    Icon {
        width: side(width),
        height: side(height),
        data,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_menu_shows_names_as_they_are() {
        assert_eq!(label(KEEP, None), "Keep my account");
        assert_eq!(
            label(KEEP, Some("a_b@example.org")),
            "Keep my account (a__b@example.org)"
        );
    }

    #[test]
    fn the_icon_has_its_opacity_first() {
        let icon = pixmap(1, 2, &[1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(
            (icon.width, icon.height, icon.data),
            (1, 2, vec![4, 1, 2, 3, 8, 5, 6, 7])
        );
    }
}
