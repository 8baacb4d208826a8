//! Errors as the window gets them.

use settings_privacy_engine::EngineError;

use super::ErrorView;

impl From<EngineError> for ErrorView {
    fn from(error: EngineError) -> Self {
        Self {
            code: error.code().to_owned(),
            message: error.to_string(),
            retryable: error.retryable(),
        }
    }
}

impl ErrorView {
    /// An identifier the window made up: nothing a person can do.
    pub fn unknown_id() -> Self {
        Self {
            code: "unknown-id".to_owned(),
            message: "That isn't there any more. Look again.".to_owned(),
            retryable: false,
        }
    }

    /// Something ended before it was done, because somebody wanted it to, or the program closes.
    pub fn stopped() -> Self {
        Self {
            code: "stopped".to_owned(),
            message: "That was stopped.".to_owned(),
            retryable: true,
        }
    }

    /// What was written isn't where something can lie.
    pub fn not_a_place() -> Self {
        Self {
            code: "not-a-place".to_owned(),
            message: "Choose a place, or write it from the top: /home/you/…, or ~/…".to_owned(),
            retryable: true,
        }
    }

    /// Something that isn't a date.
    pub fn not_a_day() -> Self {
        Self {
            code: "day-not-a-date".to_owned(),
            message: "That isn't a day. Write it as year, month and day, such as 2026-12-24.".to_owned(),
            retryable: false,
        }
    }

    /// There is nowhere to put a file.
    pub fn no_home() -> Self {
        Self {
            code: "no-home".to_owned(),
            message:
                "This computer doesn't say where your own files are (HOME isn't set). Copy the text instead."
                    .to_owned(),
            retryable: false,
        }
    }
}
