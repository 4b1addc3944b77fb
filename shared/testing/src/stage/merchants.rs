//! Merchants on the stage, and who acts for them.

use paywarden_domain::access::Role;
use paywarden_domain::client::Client;
use paywarden_domain::merchant::Merchant;
use paywarden_domain::session::{RefreshToken, Session};
use paywarden_domain::time::Clock;

use super::TestStage;
use crate::builders;

impl TestStage {
    /// Adds a merchant of this name and answers it.
    pub async fn add_merchant(&self, name: &str) -> Merchant {
        let merchant = builders::merchant(name);
        self.merchants().create(&merchant).await.expect("the merchant is new");
        merchant
    }

    /// Adds the client that [`builders::caller`] makes a caller of, and answers it.
    pub async fn add_client(&self, merchant: &Merchant, role: Role) -> Client {
        let client = builders::client(merchant, role);
        self.clients().create(&client).await.expect("the client is new");
        client
    }

    /// Adds a session of the client that [`builders::caller`] makes a caller of, and answers it with its refresh token. The clock
    /// goes on by a second, so that sessions stand in the order in which they are added.
    pub async fn add_session(&self, merchant: &Merchant, role: Role) -> (Session, RefreshToken) {
        let (client, token) =
            (builders::client(merchant, role), RefreshToken::generate(self.entropy.as_ref()));
        let session = Session::begin(&client, &client.secret_hash, &token, self.clock.now());
        self.sessions().begin(&session).await.expect("the session is new");
        self.clock.advance_seconds(1);
        (session, token)
    }
}
