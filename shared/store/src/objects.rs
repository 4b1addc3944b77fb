//! Files: statements as they came, working files of runs, reports.

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ServerSideEncryption;
use aws_smithy_types::timeout::TimeoutConfig;
use tokio::io::AsyncWriteExt;
use tokio::sync::OnceCell;

use crate::StoreError;

/// Longest time to move one file. Everything else the SDK does is over in seconds; a file may be gigabytes.
const TRANSFER_TIMEOUT: Duration = Duration::from_mins(10);

/// Where files are kept, by key.
#[async_trait]
pub trait Objects: Send + Sync {
    /// Copies an object to a file; answers whether there was one.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn fetch(&self, key: &str, to: &Path) -> Result<bool, StoreError>;

    /// Keeps a file as an object, in the place of one that was there.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn keep(&self, key: &str, from: &Path) -> Result<(), StoreError>;

    /// Keeps a text as an object, in the place of one that was there.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn keep_text(&self, key: &str, text: String) -> Result<(), StoreError>;

    /// An address to which a file can be PUT for so many seconds.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn upload_url(&self, key: &str, seconds: u32) -> Result<String, StoreError>;

    /// An address from which an object can be had for so many seconds, under a file name.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    async fn download_url(&self, key: &str, file_name: &str, seconds: u32) -> Result<String, StoreError>;
}

/// An S3 bucket. Its client is made at the first use, so that functions which seldom need it start without it.
pub struct S3Objects {
    config: SdkConfig,
    client: OnceCell<Client>,
    bucket: String,
}

impl S3Objects {
    /// The bucket of this name.
    #[must_use]
    pub fn new(config: &SdkConfig, bucket: String) -> Self {
        Self { config: config.clone(), client: OnceCell::new(), bucket }
    }

    async fn client(&self) -> &Client {
        self.client
            .get_or_init(async || {
                let transfers = TimeoutConfig::builder()
                    .operation_timeout(TRANSFER_TIMEOUT)
                    .operation_attempt_timeout(TRANSFER_TIMEOUT);
                let config = aws_sdk_s3::config::Builder::from(&self.config)
                    .timeout_config(transfers.build())
                    // An emulator has no name per bucket.
                    .force_path_style(self.config.endpoint_url().is_some());
                Client::from_conf(config.build())
            })
            .await
    }

    async fn put(&self, key: &str, body: ByteStream) -> Result<(), StoreError> {
        let put = self.client().await.put_object().bucket(&self.bucket).key(key).body(body);
        let put = put.server_side_encryption(ServerSideEncryption::Aes256).send().await;
        put.map(|_| ()).map_err(|error| StoreError::from_sdk("PutObject", &error))
    }
}

#[async_trait]
impl Objects for S3Objects {
    async fn fetch(&self, key: &str, to: &Path) -> Result<bool, StoreError> {
        let got = self.client().await.get_object().bucket(&self.bucket).key(key).send().await;
        let mut object = match got {
            Ok(object) => object,
            Err(error) if error.as_service_error().is_some_and(|error| error.is_no_such_key()) => {
                return Ok(false);
            }
            Err(error) => return Err(StoreError::from_sdk("GetObject", &error)),
        };
        let failed = |detail: String| StoreError::Unavailable { operation: "GetObject", detail };
        let file = tokio::fs::File::create(to).await.map_err(|error| failed(error.to_string()))?;
        let mut file = tokio::io::BufWriter::new(file);
        while let Some(chunk) = object.body.next().await {
            let chunk = chunk.map_err(|error| failed(error.to_string()))?;
            file.write_all(&chunk).await.map_err(|error| failed(error.to_string()))?;
        }
        file.flush().await.map_err(|error| failed(error.to_string()))?;
        Ok(true)
    }

    async fn keep(&self, key: &str, from: &Path) -> Result<(), StoreError> {
        let body = ByteStream::from_path(from)
            .await
            .map_err(|error| StoreError::Unavailable { operation: "PutObject", detail: error.to_string() })?;
        self.put(key, body).await
    }

    async fn keep_text(&self, key: &str, text: String) -> Result<(), StoreError> {
        self.put(key, ByteStream::from(text.into_bytes())).await
    }

    async fn upload_url(&self, key: &str, seconds: u32) -> Result<String, StoreError> {
        let request = self.client().await.put_object().bucket(&self.bucket).key(key);
        let presigned = request.presigned(expiry(seconds)?).await;
        let presigned = presigned.map_err(|error| StoreError::from_sdk("presign PutObject", &error))?;
        Ok(presigned.uri().to_owned())
    }

    async fn download_url(&self, key: &str, file_name: &str, seconds: u32) -> Result<String, StoreError> {
        let request = self.client().await.get_object().bucket(&self.bucket).key(key);
        let disposition = format!("attachment; filename=\"{file_name}\"");
        let presigned = request.response_content_disposition(disposition).presigned(expiry(seconds)?).await;
        let presigned = presigned.map_err(|error| StoreError::from_sdk("presign GetObject", &error))?;
        Ok(presigned.uri().to_owned())
    }
}

fn expiry(seconds: u32) -> Result<PresigningConfig, StoreError> {
    PresigningConfig::expires_in(Duration::from_secs(u64::from(seconds)))
        .map_err(|error| StoreError::Unavailable { operation: "presign", detail: error.to_string() })
}
