//! Requests by e-mail: the letter, and what the person says became of it. Nothing is sent from here, and nothing that says
//! who they are is kept.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use settings_privacy_core::data;
use settings_privacy_core::letter::{self, Letter, Person};
use settings_privacy_core::rights::{self, Asked, Event, Next, Request, RequestId, Step};
use uuid::Uuid;

use super::Engine;
use crate::error::EngineError;
use crate::mail;

/// A request, and what comes next of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestState {
    /// The request.
    pub request: Request,
    /// What comes next, as of today.
    pub next: Next,
}

/// The day it is where the person is.
pub fn today() -> Date {
    Timestamp::now().to_zoned_datetime(TimeZone::system()).date()
}

fn state(request: Request) -> RequestState {
    let next = rights::next(&request, today());
    RequestState { request, next }
}

impl Engine {
    /// All requests, the newest first.
    ///
    /// # Errors
    /// When the program's own database can't be read.
    pub async fn requests(&self) -> Result<Vec<RequestState>, EngineError> {
        let requests = self.shared.store.requests().await?;
        Ok(requests.into_iter().map(state).collect())
    }

    /// Begins a request and writes its letter. Nothing is sent.
    ///
    /// # Errors
    /// When what is asked isn't to be had so, the letter lacks something, or it can't be kept; then nothing was begun.
    pub async fn begin_request(
        &self,
        asked: Asked,
        person: &Person,
    ) -> Result<(RequestState, Letter), EngineError> {
        let request = rights::begin(RequestId(Uuid::new_v4()), asked, Timestamp::now())?;
        let letter = letter::write(&request, person, data::letters())?;
        self.shared.store.keep_request(&request).await?;
        self.changed();
        self.bring_record_to_disk();
        Ok((state(request), letter))
    }

    /// Records what the person says happened, on a day; today, when none is named.
    ///
    /// # Errors
    /// When it doesn't fit where the request stands, or it can't be kept; the request is as it was.
    pub async fn record_request(
        &self,
        id: RequestId,
        event: Event,
        on: Option<Date>,
    ) -> Result<RequestState, EngineError> {
        let today = today();
        let before = self.request(id).await?;
        let after = rights::record(&before, event, on.unwrap_or(today), today)?;
        if !self.shared.store.replace_request(&before, &after).await? {
            // The terminal, beside the window, was faster.
            return Err(rights::Refused::OutOfTurn.into());
        }
        self.changed();
        self.bring_record_to_disk();
        Ok(state(after))
    }

    /// Forgets a request. Nothing is taken back: a letter that was sent is sent.
    ///
    /// # Errors
    /// When it isn't there.
    pub async fn forget_request(&self, id: RequestId) -> Result<(), EngineError> {
        match self.shared.store.forget_request(id).await? {
            true => {
                self.changed();
                self.bring_record_to_disk();
                Ok(())
            }
            false => Err(EngineError::NoSuchRequest),
        }
    }

    /// Writes a request's letter.
    ///
    /// # Errors
    /// When the request isn't there, or the letter lacks something.
    pub async fn letter(
        &self,
        id: RequestId,
        person: &Person,
    ) -> Result<(RequestState, Letter), EngineError> {
        let request = self.request(id).await?;
        let letter = letter::write(&request, person, data::letters())?;
        Ok((state(request), letter))
    }

    /// A letter as a draft for mail programs: the content of an `.eml` file.
    pub fn draft(&self, letter: &Letter) -> Vec<u8> {
        mail::draft(letter, Timestamp::now())
    }

    /// Saves a letter as a draft, beside others that are there; says where.
    ///
    /// # Errors
    /// When it can't be written.
    pub async fn save_letter(&self, letter: &Letter, folder: &Path) -> Result<PathBuf, EngineError> {
        let name = format!("dingtalk-request-{}", letter.reference);
        save(folder, name, "eml", self.draft(letter)).await
    }

    /// Opens a letter in the person's mail program, as a draft. Whether it is sent is theirs to do, and to say.
    ///
    /// # Errors
    /// When no mail program can be asked.
    pub async fn compose_letter(&self, letter: &Letter) -> Result<(), EngineError> {
        Ok(mail::compose(self.shared.session_bus.as_deref(), letter).await?)
    }

    /// The day the next step is due, as a calendar file.
    ///
    /// # Errors
    /// When the request isn't there, or nothing of it is due on a day.
    pub async fn reminder(&self, id: RequestId) -> Result<String, EngineError> {
        let RequestState { request, next } = state(self.request(id).await?);
        let on = next.by.ok_or(EngineError::NothingDue)?;
        let title = match next.step {
            Step::AwaitConfirmation => "DingTalk should have confirmed your request",
            Step::AwaitAnswer => "The answer to your request is due",
            Step::ShowIdentity => "They still wait for you to show who you are",
            Step::Send | Step::Complain | Step::Nothing => return Err(EngineError::NothingDue),
        };
        let reference = request.id.reference();
        let right = data::rights()
            .get(&request.asked.right)
            .map_or("", |right| right.name.as_str());
        let says = format!(
            "“{right}”, reference {reference}. Look through your mail for it. If there is no answer, Settings & Privacy shows what to do next."
        );
        let uid = format!("{}@settings-privacy.invalid", request.id.0);
        Ok(mail::reminder(&uid, on, title, &says, Timestamp::now()))
    }

    /// Saves the day the next step is due as a calendar file; says where.
    ///
    /// # Errors
    /// As [`Engine::reminder`], or when it can't be written.
    pub async fn save_reminder(&self, id: RequestId, folder: &Path) -> Result<PathBuf, EngineError> {
        let calendar = self.reminder(id).await?;
        let name = format!("dingtalk-request-{}", id.reference());
        save(folder, name, "ics", calendar.into_bytes()).await
    }

    async fn request(&self, id: RequestId) -> Result<Request, EngineError> {
        let found = self.shared.store.request(id).await?;
        found.ok_or(EngineError::NoSuchRequest)
    }
}

async fn save(
    folder: &Path,
    name: String,
    end: &'static str,
    content: Vec<u8>,
) -> Result<PathBuf, EngineError> {
    let folder = folder.to_owned();
    let written = tokio::task::spawn_blocking(move || mail::save(&folder, &name, end, &content)).await;
    Ok(written.map_err(|stopped| EngineError::Host(stopped.to_string()))??)
}
