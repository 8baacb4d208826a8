//! The calls around the end of an account.

use http::Method;
use settings_privacy_api as api;
use uuid::Uuid;

use super::{CallError, Client};

impl Client {
    /// What ending the account would mean.
    pub async fn deletion_preflight(&self, token: &api::Token) -> Result<api::DeletionPreflight, CallError> {
        let path = api::paths::DELETION_PREFLIGHT;
        self.call(Method::GET, path, Some(token), None, None::<&()>).await
    }

    /// Asks for the end of the account.
    pub async fn request_deletion(
        &self,
        token: &api::Token,
        key: Uuid,
        request: &api::DeletionRequest,
    ) -> Result<api::Deletion, CallError> {
        let path = api::paths::DELETION;
        self.call(Method::POST, path, Some(token), Some(key), Some(request))
            .await
    }

    /// How it stands. The token is a session's, or the deletion's own.
    pub async fn deletion(&self, token: &api::Token) -> Result<api::Deletion, CallError> {
        self.call(Method::GET, api::paths::DELETION, Some(token), None, None::<&()>)
            .await
    }

    /// Takes it back. The token is a session's, or the deletion's own.
    pub async fn cancel_deletion(&self, token: &api::Token, key: Uuid) -> Result<api::Deletion, CallError> {
        let path = api::paths::DELETION;
        self.call(Method::DELETE, path, Some(token), Some(key), None::<&()>)
            .await
    }

    /// The receipt, as it is signed.
    pub async fn deletion_receipt(&self, token: &api::Token) -> Result<String, CallError> {
        let path = api::paths::DELETION_RECEIPT;
        let answer = self
            .exchange(Method::GET, path, Some(token), None, None::<&()>)
            .await?;
        String::from_utf8(answer.to_vec()).map_err(|_| CallError::NotUnderstood)
    }

    /// Organizations the account is or was in.
    pub async fn organizations(&self, token: &api::Token) -> Result<api::Organizations, CallError> {
        let path = api::paths::ORGANIZATIONS;
        self.call(Method::GET, path, Some(token), None, None::<&()>).await
    }

    /// Leaves one.
    pub async fn leave_organization(
        &self,
        token: &api::Token,
        key: Uuid,
        id: Uuid,
    ) -> Result<api::Organizations, CallError> {
        let path = api::paths::ORGANIZATION_LEAVE.replace("{id}", &id.to_string());
        self.call(Method::POST, &path, Some(token), Some(key), None::<&()>)
            .await
    }

    /// Makes another member its administrator.
    pub async fn transfer_organization(
        &self,
        token: &api::Token,
        key: Uuid,
        id: Uuid,
        to: &api::TransferRequest,
    ) -> Result<api::Organizations, CallError> {
        let path = api::paths::ORGANIZATION_TRANSFER.replace("{id}", &id.to_string());
        self.call(Method::POST, &path, Some(token), Some(key), Some(to))
            .await
    }

    /// Ends a member's membership, as its administrator.
    pub async fn end_membership(
        &self,
        token: &api::Token,
        key: Uuid,
        id: Uuid,
        who: &api::EndMembershipRequest,
    ) -> Result<api::Organizations, CallError> {
        let path = api::paths::ORGANIZATION_END_MEMBERSHIP.replace("{id}", &id.to_string());
        self.call(Method::POST, &path, Some(token), Some(key), Some(who))
            .await
    }

    /// Ends it for everybody.
    pub async fn disband_organization(
        &self,
        token: &api::Token,
        key: Uuid,
        id: Uuid,
    ) -> Result<api::Organizations, CallError> {
        let path = api::paths::ORGANIZATION_DISBAND.replace("{id}", &id.to_string());
        self.call(Method::POST, &path, Some(token), Some(key), None::<&()>)
            .await
    }

    /// Apps that are allowed to know something.
    pub async fn authorizations(&self, token: &api::Token) -> Result<api::Authorizations, CallError> {
        let path = api::paths::AUTHORIZATIONS;
        self.call(Method::GET, path, Some(token), None, None::<&()>).await
    }

    /// Takes one back.
    pub async fn revoke_authorization(
        &self,
        token: &api::Token,
        key: Uuid,
        id: Uuid,
    ) -> Result<api::Authorizations, CallError> {
        let path = api::paths::AUTHORIZATION.replace("{id}", &id.to_string());
        self.call(Method::DELETE, &path, Some(token), Some(key), None::<&()>)
            .await
    }
}
