//! Somebody in front of the browser: what they do, and what they see.

use std::time::{Duration, Instant};

use serde_json::Value;
use thirtyfour::prelude::*;

use crate::stack::Stack;

/// Longest wait for something to be on the page: pages are made of several answers of a local emulator.
const PATIENCE: Duration = Duration::from_secs(30);

pub struct Visitor {
    pub driver: WebDriver,
    pub stack: Stack,
    base: String,
}

impl Visitor {
    pub fn new(driver: WebDriver) -> Self {
        let stack = Stack::read();
        Self { driver, base: format!("{}/console", stack.api_url), stack }
    }

    /// Opens an address of the console.
    pub async fn open(&self, path: &str) {
        self.driver.goto(format!("{}{path}", self.base)).await.expect("a page");
    }

    /// Signs in with the sample client of a role.
    pub async fn sign_in(&self, role: &str) {
        self.open("/sign-in").await;
        self.fill_in_sign_in(role).await;
        self.see("Sign out").await;
    }

    /// Signs in with any client.
    pub async fn sign_in_as(&self, client_id: &str, client_secret: &str) {
        self.open("/sign-in").await;
        self.fill_in(client_id, client_secret).await;
        self.see("Sign out").await;
    }

    /// Fills in the page of signing in and sends it.
    pub async fn fill_in_sign_in(&self, role: &str) {
        let client = &self.stack.jakarta().clients[role];
        self.fill_in(&client.client_id, &client.client_secret).await;
    }

    async fn fill_in(&self, client_id: &str, client_secret: &str) {
        self.fill("client_id", client_id).await;
        self.fill("client_secret", client_secret).await;
        self.press("Sign in").await;
    }

    /// Types into the field of that name.
    pub async fn fill(&self, name: &str, text: &str) {
        let field = self.find(&format!("[name='{name}']")).await;
        field.clear().await.expect("a field");
        field.send_keys(text).await.expect("a field");
    }

    /// Chooses one of a list by its value.
    pub async fn choose(&self, name: &str, value: &str) {
        self.find(&format!("select[name='{name}'] option[value='{value}']"))
            .await
            .click()
            .await
            .expect("a choice");
    }

    /// Presses the first button that says this.
    pub async fn press(&self, text: &str) {
        self.by_text("button", text).await.click().await.expect("a button");
    }

    /// Follows the first link that says this.
    pub async fn follow(&self, text: &str) {
        self.by_text("a", text).await.click().await.expect("a link");
    }

    async fn by_text(&self, element: &str, text: &str) -> WebElement {
        let path = format!("//{element}[contains(normalize-space(.), \"{text}\")]");
        self.first(By::XPath(path)).await
    }

    /// The first element of a selector, as soon as there is one.
    pub async fn find(&self, selector: &str) -> WebElement {
        self.first(By::Css(selector.to_owned())).await
    }

    async fn first(&self, by: By) -> WebElement {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.driver.find(by.clone()).await {
                Ok(found) => return found,
                Err(error) if Instant::now() > until => {
                    panic!("{error} on {}:\n{}", self.address().await, self.text().await)
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// How many elements a selector finds now.
    pub async fn count(&self, selector: &str) -> usize {
        self.driver.find_all(By::Css(selector.to_owned())).await.expect("a selector").len()
    }

    /// Waits until the page says something.
    pub async fn see(&self, text: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.text().await.contains(text) {
            assert!(
                Instant::now() < until,
                "no {text:?} on {}:\n{}",
                self.address().await,
                self.text().await
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub async fn does_not_see(&self, text: &str) {
        let seen = self.text().await;
        assert!(!seen.contains(text), "{text:?} on {}:\n{seen}", self.address().await);
    }

    /// All that the page says.
    pub async fn text(&self) -> String {
        match self.driver.find(By::Tag("body")).await {
            Ok(body) => body.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Where the browser is, behind the console's own address.
    pub async fn address(&self) -> String {
        let address = self.driver.current_url().await.expect("an address").to_string();
        address.strip_prefix(&self.base).unwrap_or(&address).to_owned()
    }

    /// Waits until the browser is at an address that begins so.
    pub async fn arrive(&self, path: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.address().await.starts_with(path) {
            assert!(
                Instant::now() < until,
                "at {} and not {path}:\n{}",
                self.address().await,
                self.text().await
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until a selector finds nothing any more.
    pub async fn gone(&self, selector: &str) {
        let until = Instant::now() + PATIENCE;
        while self.count(selector).await > 0 {
            assert!(Instant::now() < until, "{selector} stays on {}", self.address().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the page is whole: before that its script does not listen.
    async fn whole(&self) {
        let until = Instant::now() + PATIENCE;
        while self.run("return document.readyState").await != "complete" {
            assert!(Instant::now() < until, "{} does not come to its end", self.address().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Types into whatever has the focus.
    pub async fn type_keys(&self, keys: impl AsRef<str>) {
        self.whole().await;
        self.driver.action_chain().send_keys(keys.as_ref()).perform().await.expect("keys");
    }

    /// Opens the palette.
    pub async fn open_palette(&self) {
        self.whole().await;
        let keys = self.driver.action_chain().key_down(Key::Control).send_keys("k").key_up(Key::Control);
        keys.perform().await.expect("keys");
    }

    /// What a script on the page comes to.
    pub async fn run(&self, script: &str) -> Value {
        let outcome = self.driver.execute(script, Vec::new()).await.expect("a script");
        outcome.json().clone()
    }

    /// Speaks with the browser's own tools.
    pub async fn tools(&self, command: &str, parameters: Value) {
        self.driver.cdp().send_raw(command, parameters).await.expect("the browser's tools");
    }

    /// The pages of the menu.
    pub async fn menu(&self) -> Vec<(String, String)> {
        let links = self.driver.find_all(By::Css("#menu a")).await.expect("a menu");
        let mut pages = Vec::new();
        for link in links {
            let address = link.prop("href").await.expect("a link").unwrap_or_default();
            let path = address.strip_prefix(&self.base).expect("a page of the console").to_owned();
            pages.push((path, link.text().await.expect("a name")));
        }
        pages
    }
}
