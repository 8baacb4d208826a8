//! What effects do in the world, and how they are answered.

use super::*;

impl World {
    fn held(&mut self, export: &ExportId) -> Option<&mut Held> {
        let key = Sequence(export.0.parse().expect("the names are numbers here"));
        self.exports.get_mut(&key)
    }

    pub(super) fn act(&mut self, keyed: &Keyed) -> Option<Reply> {
        Some(match &keyed.effect {
            Effect::Submit { .. } if !self.code && !self.exports.contains_key(&keyed.sequence) => {
                Reply::Waits(Waits::Code { refused: None })
            }
            Effect::Submit { .. } => {
                self.exports.entry(keyed.sequence).or_insert(Held::Preparing(0));
                Reply::Accepted {
                    export: ExportId(keyed.sequence.0.to_string()),
                }
            }
            Effect::RetryRemote { export } => {
                if let Some(held) = self.held(export) {
                    *held = Held::Preparing(0);
                }
                Reply::Accepted {
                    export: export.clone(),
                }
            }
            Effect::Look { export } => Reply::Seen(self.look(export)),
            Effect::Fetch {
                export,
                etag,
                from,
                to,
                ..
            } => return self.fetch(export, etag, *from, to),
            Effect::Move { from, to, bytes, .. } => {
                self.happens(Event::Stored {
                    fetch: keyed.sequence,
                    bytes: Bytes(0),
                });
                let there = self.parts.get(&from.0).copied();
                match there.filter(|part| part.bytes >= bytes.0) {
                    Some(part) => {
                        self.parts.insert(to.0.clone(), part);
                        Reply::Moved { bytes: *bytes }
                    }
                    None => Reply::Moved { bytes: Bytes(0) },
                }
            }
            Effect::Verify { size, digest, to } => {
                let part = self.parts[&to.0];
                let sound = part.bytes == size.0 && Sha256([part.version; 32]) == *digest;
                Reply::Checked(if sound {
                    Verdict::Sound
                } else {
                    Verdict::NotSound {
                        code: "digest-mismatch".into(),
                        message: "It differs.".into(),
                    }
                })
            }
            Effect::Keep { to } => {
                self.kept = true;
                Reply::Kept { path: to.clone() }
            }
            Effect::Seal { .. } if !self.passphrase => Reply::Waits(Waits::Passphrase),
            Effect::Seal { path } => {
                let sealed = Place(format!("{}.age", path.0));
                if let Some(part) = self.parts.remove(&path.0) {
                    self.parts.insert(sealed.0.clone(), part);
                }
                Reply::Sealed { path: sealed }
            }
            Effect::Quarantine { to } | Effect::Discard { to } => {
                self.parts.remove(&to.0);
                Reply::Done
            }
            Effect::CancelRemote { export } => {
                if let Some(held) = self.held(export) {
                    *held = Held::Cancelled;
                }
                Reply::Done
            }
            Effect::Notify(notification) => {
                self.told.push(notification.clone());
                Reply::Done
            }
        })
    }

    fn look(&mut self, export: &ExportId) -> Seen {
        let (version, expires) = (self.version, self.expires);
        let Some(held) = self.held(export) else {
            return Seen::Gone;
        };
        match held {
            Held::Preparing(turns) => {
                *turns += 1;
                if *turns > 2 {
                    *held = Held::Ready;
                }
                Seen::Preparing {
                    progress: Progress::default(),
                    look_again: Some(Duration::from_secs(2)),
                }
            }
            Held::Ready => Seen::Ready {
                size: Bytes(SIZE),
                digest: Sha256([version; 32]),
                etag: version.to_string(),
                expires,
            },
            Held::Expired => Seen::Expired,
            Held::Cancelled => Seen::Gone,
        }
    }

    /// Half a chunk comes at a time.
    fn fetch(&mut self, export: &ExportId, etag: &str, from: Bytes, to: &Place) -> Option<Reply> {
        if self.held(export).is_none_or(|held| *held != Held::Ready) {
            return Some(Reply::Fetch(FetchEnd::Gone));
        }
        let version = self.version;
        if self.export.part.as_ref().is_some_and(|part| !part.made) {
            let fetches = |keyed: &&Keyed| matches!(keyed.effect, Effect::Fetch { .. });
            let fetch = self.running.iter().find(fetches)?.sequence;
            self.happens(Event::Stored { fetch, bytes: from });
        }
        let part = self.parts.entry(to.0.clone()).or_default();
        let begins = part.bytes == from.0;
        if begins && etag != version.to_string() {
            return Some(Reply::Fetch(FetchEnd::Changed));
        }
        if !begins && part.version != version {
            // The body that comes was begun before the service replaced it: it ends here.
            return Some(Reply::Fetch(FetchEnd::Complete {
                bytes: Bytes(part.bytes),
            }));
        }
        assert!(
            part.bytes == 0 || part.version == version,
            "two archives would be mixed"
        );
        part.version = version;
        part.bytes = (part.bytes + CHUNK.0 / 2).min(SIZE);
        let bytes = part.bytes;
        if bytes == SIZE {
            return Some(Reply::Fetch(FetchEnd::Complete { bytes: Bytes(SIZE) }));
        }
        if bytes - self.said >= CHUNK.0 {
            self.said = bytes;
            let fetch = self
                .running
                .iter()
                .find(|keyed| matches!(keyed.effect, Effect::Fetch { .. }))?
                .sequence;
            self.happens(Event::Stored {
                fetch,
                bytes: Bytes(bytes),
            });
        }
        None
    }
}
