//! Requests a person makes by e-mail.

use settings_privacy_core::rights::{Request, RequestId};
use sqlx::Row;

use super::{Store, StoreError, doing, unreadable};

impl Store {
    /// Keeps a new request.
    pub async fn keep_request(&self, request: &Request) -> Result<(), StoreError> {
        let work = async {
            let body = serde_json::to_string(request).map_err(unreadable)?;
            sqlx::query("INSERT INTO rights_request (id, at, body) VALUES (?, ?, ?)")
                .bind(request.id.0.to_string())
                .bind(request.begun_at.to_string())
                .bind(body)
                .execute(&self.writer)
                .await
        };
        work.await.map_err(doing("keeping a request"))?;
        Ok(())
    }

    /// Puts a request's next standing in the place of the one it follows from. `false` when it isn't there, or is another by
    /// now: nothing is changed then.
    pub async fn replace_request(&self, before: &Request, after: &Request) -> Result<bool, StoreError> {
        let work = async {
            let text = |request| serde_json::to_string(request).map_err(unreadable);
            sqlx::query("UPDATE rights_request SET body = ? WHERE id = ? AND body = ?")
                .bind(text(after)?)
                .bind(before.id.0.to_string())
                .bind(text(before)?)
                .execute(&self.writer)
                .await
        };
        let done = work.await.map_err(doing("keeping what became of a request"))?;
        Ok(done.rows_affected() == 1)
    }

    /// Forgets a request. `false` when it isn't there.
    pub async fn forget_request(&self, id: RequestId) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM rights_request WHERE id = ?")
            .bind(id.0.to_string())
            .execute(&self.writer)
            .await
            .map_err(doing("forgetting a request"))?;
        Ok(done.rows_affected() == 1)
    }

    /// One request.
    pub async fn request(&self, id: RequestId) -> Result<Option<Request>, StoreError> {
        let body: Option<String> = sqlx::query_scalar("SELECT body FROM rights_request WHERE id = ?")
            .bind(id.0.to_string())
            .fetch_optional(&self.reader)
            .await
            .map_err(doing("reading a request"))?;
        body.map(|body| serde_json::from_str(&body).map_err(unreadable))
            .transpose()
            .map_err(doing("reading a request"))
    }

    /// All requests, the newest first.
    pub async fn requests(&self) -> Result<Vec<Request>, StoreError> {
        let rows = sqlx::query("SELECT body FROM rights_request ORDER BY at DESC, id DESC")
            .fetch_all(&self.reader)
            .await
            .map_err(doing("reading requests"))?;
        let readable = rows
            .iter()
            .filter_map(|row| match serde_json::from_str(row.get("body")) {
                Ok(request) => Some(request),
                Err(error) => {
                    // One that can't be read hides no other; it stays where it is.
                    tracing::warn!(%error, "a request can't be read");
                    None
                }
            });
        Ok(readable.collect())
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::civil::date;
    use settings_privacy_core::regime::RegimeId;
    use settings_privacy_core::rights::{Addressee, Asked, Event, RightId, begin, record};
    use uuid::Uuid;

    use super::*;

    fn request() -> Request {
        let asked = Asked {
            right: RightId::new("access"),
            regime: RegimeId::new("eea"),
            addressee: Addressee::Dingtalk,
        };
        begin(RequestId(Uuid::from_u128(7)), asked, Timestamp::UNIX_EPOCH).expect("it can be asked for")
    }

    #[tokio::test]
    async fn whoever_comes_second_with_an_old_standing_changes_nothing() {
        let store = Store::in_memory().await.expect("memory holds a database");
        let draft = request();
        store.keep_request(&draft).await.expect("it is kept");
        let day = date(2026, 11, 24);
        let sent = record(&draft, Event::Sent, day, day).expect("it fits");
        assert!(store.replace_request(&draft, &sent).await.expect("it is written"));
        assert!(
            !store
                .replace_request(&draft, &sent)
                .await
                .expect("it is looked at"),
            "it isn't a draft any more"
        );
        assert_eq!(store.requests().await.expect("they can be read"), [sent]);
    }

    #[tokio::test]
    async fn a_request_that_cant_be_read_hides_no_other() {
        let store = Store::in_memory().await.expect("memory holds a database");
        store.keep_request(&request()).await.expect("it is kept");
        sqlx::query("INSERT INTO rights_request (id, at, body) VALUES ('x', 'never', '{}')")
            .execute(&store.writer)
            .await
            .expect("it can be written");
        assert_eq!(store.requests().await.expect("they can be read"), [request()]);
        assert!(store.forget_request(request().id).await.expect("it is forgotten"));
        assert_eq!(store.requests().await.expect("they can be read"), []);
    }
}
