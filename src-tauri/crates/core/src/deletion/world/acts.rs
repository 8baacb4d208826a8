//! What effects do in the world, and how they are answered.

use super::*;

impl World {
    pub(super) fn learn_token(&mut self, which: usize, seen: &Seen) {
        if let Seen::CoolingOff { deletion, .. } = seen {
            self.devices[which].token = deletion.0.parse().ok();
            self.devices[which].lost_token = false;
        }
    }

    pub(super) fn act(&mut self, which: usize, key: Key, effect: &Effect) -> Reply {
        match effect {
            Effect::Ask { .. } => match self.devices[which].code {
                None => Reply::CodeGone,
                Some(_) if !self.devices[which].signed_in => Reply::Waits(Waits::SignIn),
                Some(_) if self.service.is_just_final() => Reply::Refused {
                    code: "deletion-final".into(),
                    message: "It can't be taken back.".into(),
                },
                Some(_) if !self.service.lets_in() => Reply::Waits(Waits::SignIn),
                Some(good) => match self.service.ask(key, good) {
                    Answer::Accepted(number) => self.accepted(which, number),
                    Answer::CodeRefused => Reply::CodeRefused { wrong: Some(None) },
                    Answer::CodeUsed => Reply::CodeRefused { wrong: None },
                    Answer::Cancelled | Answer::TooLate | Answer::NotRequested => {
                        panic!("one key is one request")
                    }
                },
            },
            Effect::Look { deletion } => {
                // Whichever the token is of, which may be a newer one than is followed here: it was learned, and the reply
                // that told of it was lost.
                let by_token = self.devices[which].token.filter(|_| deletion.is_some());
                if by_token.is_some() {
                    Reply::Seen(self.service.seen(by_token))
                } else if self.session_opens(which) {
                    let seen = self.service.seen(None);
                    self.learn_token(which, &seen);
                    Reply::Seen(seen)
                } else {
                    Reply::Waits(Waits::SignIn)
                }
            }
            Effect::CancelRemote { deletion }
                if !self.has_token_of(which, deletion) && !self.session_opens(which) =>
            {
                Reply::Waits(Waits::SignIn)
            }
            Effect::CancelRemote { .. } => match self.service.cancel(key) {
                Answer::Cancelled => Reply::Cancelled,
                Answer::TooLate => Reply::TooLate,
                Answer::NotRequested => Reply::Refused {
                    code: "deletion-not-requested".into(),
                    message: "Nobody asked.".into(),
                },
                Answer::Accepted(_) | Answer::CodeRefused | Answer::CodeUsed => {
                    panic!("one key is one request")
                }
            },
            Effect::FetchReceipt { deletion } if !self.has_token_of(which, deletion) => {
                Reply::Waits(Waits::SignIn)
            }
            Effect::FetchReceipt { .. } if self.forged => Reply::NotGenuine {
                code: "signature-wrong".into(),
                message: "It isn't genuine.".into(),
            },
            Effect::FetchReceipt { .. } => Reply::Receipt(Receipt("a.b.c".into())),
            Effect::KeepReceipt { to, .. } => Reply::Kept { path: to.clone() },
            Effect::Mark { kept } => {
                self.devices[which].unproven = kept.is_none();
                Reply::Done
            }
            Effect::Notify(notification) => {
                self.devices[which].told.push(notification.clone());
                Reply::Done
            }
        }
    }

    fn session_opens(&mut self, which: usize) -> bool {
        self.devices[which].signed_in && self.service.lets_in()
    }

    fn has_token_of(&self, which: usize, deletion: &DeletionId) -> bool {
        self.devices[which]
            .token
            .is_some_and(|token| token.to_string() == deletion.0)
    }

    /// As it is by now.
    fn accepted(&mut self, which: usize, number: u64) -> Reply {
        self.devices[which].token = Some(number);
        self.devices[which].lost_token = false;
        Reply::Seen(self.service.seen(Some(number)))
    }
}
